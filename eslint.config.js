// @ts-check
import tseslint from 'typescript-eslint';

export default tseslint.config(
  // vendor-check/ has packages of its own, which need not be here: `tsc` checks it when it runs.
  {
    ignores: ['dist/', 'coverage/', '.data/', 'src/platform/database/generated/', 'vendor-check/'],
  },
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js', '*.cjs', 'test/support/*.js', 'scripts/*.mjs'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Numbers read well inside texts.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `(values) => counter.inc(values)` is how a callback of one call is written.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Nest's modules are classes without members.
      '@typescript-eslint/no-extraneous-class': [
        'error',
        { allowWithDecorator: true, allowStaticOnly: true },
      ],
      // DTOs and settings are classes for their decorators and names; what fills them are plain objects.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // A type parameter may stand once where it names what a caller casts to: `query<Row>(…)`.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // An interface's method may be async for callers although this implementation has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    // What this machine's clock says is compared with what other machines wrote: the shared clock tells that time.
    files: ['src/**/*.ts'],
    ignores: ['src/local/**', 'src/platform/time/clock.ts', 'src/platform/openapi/**', '**/*.spec.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
          message: 'Use clock.now() of platform/time/clock.ts.',
        },
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Use clock.date() of platform/time/clock.ts.',
        },
      ],
    },
  },
  {
    // Programs for a terminal speak to it.
    files: [
      'src/main.ts',
      'src/verify.ts',
      'src/write-openapi.ts',
      'src/local/**',
      'src/platform/verify/**',
      'src/platform/database/migrate.ts',
      'src/rotate-keys.ts',
      'src/reconcile.ts',
      'bench/**',
      'scripts/**',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**', '**/*.spec.ts', 'bench/**'],
    rules: {
      // How a module that is loaded from dist gets its type.
      '@typescript-eslint/consistent-type-imports': 'off',
      // Tests look at answers whose shape is what they test.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      'no-console': 'off',
    },
  },
  { files: ['**/*.js', '**/*.mjs', '**/*.cjs'], extends: [tseslint.configs.disableTypeChecked] },
);

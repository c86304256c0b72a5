import { type DynamicModule, Global, Module } from '@nestjs/common';
import { ConfigModule, type ConfigType, registerAs } from '@nestjs/config';
import { Settings } from './settings.js';

const SETTINGS = 'settings';

/** Makes settings that were already read and validated injectable by their type. */
@Global()
@Module({})
export class SettingsModule {
  static of(settings: Settings): DynamicModule {
    const namespace = registerAs(SETTINGS, () => settings);
    return {
      module: SettingsModule,
      imports: [ConfigModule.forRoot({ ignoreEnvFile: true, load: [namespace] })],
      providers: [
        {
          provide: Settings,
          inject: [namespace.KEY],
          useFactory: (loaded: ConfigType<typeof namespace>) => loaded,
        },
      ],
      exports: [Settings],
    };
  }
}

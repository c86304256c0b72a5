import { english } from './en.js';
import type { Language } from './language.js';

const LANGUAGES: readonly Language[] = [english];

/** The language of a locale; English for one that is not spoken here. */
export function languageOf(locale: string): Language {
  const code = locale.split('-', 1)[0]?.toLowerCase();
  return LANGUAGES.find((language) => language.code === code) ?? english;
}

/** The locale for dates and times in sentences: the tenant's if its language is spoken here, so that the two fit. */
export function spokenLocale(locale: string): string {
  const language = languageOf(locale);
  return locale.toLowerCase().startsWith(language.code) ? locale : 'en-US';
}

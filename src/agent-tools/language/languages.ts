import { english } from './en/en.js';
import { spanish } from './es/es.js';
import type { Language } from './language.js';

const LANGUAGES: readonly Language[] = [english, spanish];

/** The language of a locale; English for one that is not spoken here. */
export function languageOf(locale: string): Language {
  return spokenLanguage(locale) ?? english;
}

/**
 * The locale for dates and times in sentences: the tenant's if its language is spoken here, so that the two
 * fit.
 */
export function spokenLocale(locale: string): string {
  return spokenLanguage(locale) === undefined ? 'en-US' : locale;
}

function spokenLanguage(locale: string): Language | undefined {
  const primary = locale.split('-', 1)[0]?.toLowerCase();
  return LANGUAGES.find(({ code }) => code === primary);
}

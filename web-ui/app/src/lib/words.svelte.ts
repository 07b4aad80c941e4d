// The words of the desk: one catalogue a language, Vietnamese where another has a gap.

import i18next from 'i18next';
import { held, hold } from './held';

type Catalogue = Record<string, unknown>;

const vietnamese = import.meta.glob<Catalogue>('../../locales/vi/*.json', { eager: true, import: 'default' });
const others = import.meta.glob<Catalogue>(['../../locales/*/*.json', '!../../locales/vi/*.json'], { import: 'default' });

/** Languages there is a catalogue for, by their own names. */
export const LANGUAGES: Record<string, string> = { vi: 'Tiếng Việt', en: 'English', km: 'ភាសាខ្មែរ' };

const KEPT = 'desk.language';

let language = $state('vi');

const sectionOf = (path: string) => path.replace(/^.*\/|\.json$/g, '');

function gathered(files: Record<string, Catalogue>): Catalogue {
  return Object.fromEntries(Object.entries(files).map(([path, words]) => [sectionOf(path), words]));
}

async function fetched(code: string): Promise<Catalogue> {
  const mine = Object.entries(others).filter(([path]) => path.includes(`/locales/${code}/`));
  const pairs = await Promise.all(mine.map(async ([path, load]) => [sectionOf(path), await load()] as const));
  return Object.fromEntries(pairs);
}

/** Loads the language chosen last on this machine. */
export async function speak(): Promise<void> {
  await i18next.init({
    lng: 'vi',
    fallbackLng: 'vi',
    resources: { vi: { translation: gathered(vietnamese) } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await choose(held<string>(KEPT) ?? 'vi');
}

/** Speaks another language from now on; one that cannot be loaded changes nothing. */
export async function choose(code: string): Promise<void> {
  if (!(code in LANGUAGES)) return;
  try {
    if (!i18next.hasResourceBundle(code, 'translation')) {
      i18next.addResourceBundle(code, 'translation', await fetched(code));
      if (code === 'km') await import('../style/khmer.css');
    }
  } catch {
    return;
  }
  await i18next.changeLanguage(code);
  document.documentElement.lang = code;
  hold(KEPT, code);
  language = code;
}

/** The language spoken now. */
export const spoken = () => language;

/** Words by their key, `home.onAir`; numbers choose between `_one` and `_other` where a language has both. */
export function t(key: string, values?: Record<string, unknown>): string {
  // Read, so that what shows the words is drawn anew when the language changes.
  void language;
  return i18next.t(key, values ?? {});
}

export interface ConsentChoice {
  /** An account of this e-mail is made when there is none. */
  email: string;
  deny?: boolean;
  /** Scopes to untick, in full or as the last part, e.g. `calendar.freebusy`. */
  untick?: string[];
}

/** What a person does on the consent page; answers the address they are sent back to. */
export async function clickConsent(authUrl: string, choice: ConsentChoice): Promise<string> {
  const shown = await fetch(authUrl, { redirect: 'manual' });
  const text = await shown.text();
  const sentBack = shown.headers.get('location');
  if (sentBack) return sentBack;
  if (!shown.ok) throw new Error(`The consent page answered ${shown.status}: ${plain(text)}`);

  const isUnticked = (scope: string): boolean =>
    choice.untick?.some((name) => scope === name || scope.endsWith(`/auth/${name}`)) ?? false;
  const asked = (new URL(authUrl).searchParams.get('scope') ?? '').split(' ');
  const form = new URLSearchParams({ newEmail: choice.email, decision: choice.deny ? 'deny' : 'grant' });
  for (const scope of asked) if (!isUnticked(scope)) form.append('scope', scope);

  const decided = await fetch(authUrl, { method: 'POST', body: form, redirect: 'manual' });
  const location = decided.headers.get('location');
  if (!location) {
    throw new Error(`The consent page answered ${decided.status}: ${plain(await decided.text())}`);
  }
  return location;
}

function plain(page: string): string {
  const content = page.slice(page.indexOf('<h1>'));
  return content
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

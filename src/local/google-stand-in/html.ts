/** Text that is already HTML; everything else is escaped when it is put into a page. */
export class Html {
  constructor(readonly text: string) {}
}

type Content = Html | string | number | undefined | Content[];

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function html(parts: TemplateStringsArray, ...contents: Content[]): Html {
  return new Html(parts.reduce((text, part, index) => text + render(contents[index - 1]) + part));
}

function render(content: Content): string {
  if (content instanceof Html) return content.text;
  if (Array.isArray(content)) return content.map(render).join('');
  return String(content ?? '').replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

const style = new Html(`
  :root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
  body { max-width: 44rem; margin: 0 auto; padding: 1rem; }
  .banner { background: #fde293; color: #3c2f00; padding: .4rem .8rem; border-radius: .4rem; }
  form.card, .card { border: 1px solid #8884; border-radius: .6rem; padding: 1rem; margin: 1rem 0; }
  label { display: block; margin: .4rem 0; }
  button { font: inherit; padding: .4rem 1.1rem; border-radius: .4rem; border: 1px solid #8888; }
  button.main { background: #1a73e8; border-color: #1a73e8; color: #fff; }
  input[type=text], input[type=email], input[type=datetime-local] { font: inherit; padding: .3rem; }
  .faint { opacity: .75; font-size: .9rem; white-space: pre-wrap; }
`);

export function document(title: string, content: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${title} – Google stand-in (not Google)</title>
      <style>
        ${style}
      </style>
      <p class="banner"><strong>Google stand-in (not Google).</strong> Nothing here leaves this machine.</p>
      <h1>${title}</h1>
      ${content}
    </html>`.text;
}

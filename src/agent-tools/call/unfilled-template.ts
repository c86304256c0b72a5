/** As platforms write them: `{{customer.number}}`, `{system__caller_id}`, `<user_phone_number>`. */
const TEMPLATE = /^(?:\{.*\}|<[a-z_][\w.]*>)$/is;

/** Whether a text is a template that the platform had nothing to put into: nobody said it. */
export function isUnfilled(text: string): boolean {
  return TEMPLATE.test(text.trim());
}

/** What callers may be told of an organisation. Null: not written down. */
export interface BusinessInfo {
  address: string | null;
  /** E.164. */
  phone: string | null;
  email: string | null;
  website: string | null;
  /** Whatever else is worth knowing: parking, what to bring. */
  note: string | null;
}

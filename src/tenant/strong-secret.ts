const FEWEST_CHARACTERS = 32;
/** Of 32 random hexadecimal digits nearly all have ten or more; words and repetitions have fewer for their length. */
const FEWEST_DIFFERENT = 8;
const LONGEST_REPEATED = 16;

/** Whether a secret that somebody made can be taken for random: whoever shows it is believed without a signature. */
export function isStrongSecret(secret: string): boolean {
  if (secret.length < FEWEST_CHARACTERS || new Set(secret).size < FEWEST_DIFFERENT) return false;
  return !Array.from({ length: LONGEST_REPEATED }, (_, index) => index + 1).some(
    (period) => secret.slice(period) === secret.slice(0, -period),
  );
}

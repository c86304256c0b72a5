/** How an agent has to use the tools, whatever it is told them by. */
export const TOOL_RULES =
  'Tell the caller what "say" says; it is short enough to be spoken. Call check_availability before you offer a time, and ' +
  'offer only times that it gave. An appointment is made, moved or cancelled only when the answer has "ok": true. Pass dates ' +
  "and times in the caller's own words: do not work out weekdays or years yourself. When a call of a tool fails or times " +
  'out, make the same call again: nothing is done twice.';

/** For the prompt of an agent whose platform knows of nothing but tools. */
export function agentInstructions(businessName: string): string {
  return (
    `You make, find, move and cancel appointments at ${businessName} for the caller on the line, with the tools of its ` +
    `calendar. ${TOOL_RULES}`
  );
}

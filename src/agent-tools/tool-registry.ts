import type { AgentTool } from './agent-tool.js';

/** The tools by name. `checkAvailability` and `check_availability` are the same. */
export class ToolRegistry {
  readonly #tools: ReadonlyMap<string, AgentTool>;

  constructor(tools: readonly AgentTool[]) {
    this.#tools = new Map(tools.map((tool) => [folded(tool.specification.name), tool]));
  }

  find(name: string): AgentTool | undefined {
    return this.#tools.get(folded(name));
  }

  get all(): readonly AgentTool[] {
    return [...this.#tools.values()];
  }
}

function folded(name: string): string {
  return name.replace(/[_-]/g, '').toLowerCase();
}

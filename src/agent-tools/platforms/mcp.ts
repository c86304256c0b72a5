import type { ToolSpecification } from '../agent-tool.js';
import {
  type DefinitionTarget,
  type PlatformCredential,
  type PlatformEvent,
  VoicePlatform,
} from './voice-platform.js';

/**
 * Whatever speaks the Model Context Protocol. The address is that of the MCP server, for all connections the same: the bearer
 * token says which one it is. So nothing is ever called at the connection's own address.
 */
export class Mcp extends VoicePlatform {
  readonly name = 'mcp';
  readonly title = 'MCP';
  readonly credential: PlatformCredential = {
    secretFrom: 'ours',
    secretIs: 'The bearer token that the MCP client sends.',
    problemWith: () => 'cannot be chosen here: the one that is made says which connection it is of',
  };

  override address(publicUrl: string): string {
    return `${publicUrl}/mcp`;
  }

  isAuthentic(): boolean {
    return false;
  }

  read(): PlatformEvent {
    return { kind: 'notice' };
  }

  render(): object {
    return { received: true };
  }

  /** As among the `tools` of OpenAI's APIs; other clients ask for the same values by other names. */
  define(_tools: readonly ToolSpecification[], { url, secret }: DefinitionTarget): object[] {
    return [
      {
        type: 'mcp',
        server_label: 'calendar',
        server_url: url,
        authorization: secret,
        require_approval: 'never',
      },
    ];
  }
}

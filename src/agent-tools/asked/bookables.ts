import { Injectable } from '@nestjs/common';
import type { Seeker } from '../../booking/availability/availability.repository.js';
import type { SlotReference } from '../../booking/availability/slot-id.js';
import {
  type BookableResource,
  BookableRepository,
  type BookableService,
} from '../../booking/schedule/bookable.repository.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { type AgentScope, allowsResource, allowsService } from '../agent-scope.js';
import type { ToolCall } from '../agent-tool.js';
import type { Choice } from '../language/heard-choice.js';
import { plainText } from '../language/plain-text.js';
import type { ToolArguments } from '../tool-arguments.js';
import { findNamed, type Named, similarTo } from './named.js';
import { ToolRefusal } from '../tool-refusal.js';
import { MOST_SAID } from '../tool-slot.js';

/**
 * The service and resource that a call is about, and for whom. What was not said is the default: the first service in the
 * credential's scope or, of somebody in particular, the first that is given by them.
 */
export interface AskedBookable extends Seeker {
  serviceId?: string;
  resourceId?: string;
}

/** What a credential may offer: to it, nothing else is there. */
export interface Offered {
  services: BookableService[];
  resources: BookableResource[];
}

@Injectable()
export class Bookables {
  constructor(private readonly repository: BookableRepository) {}

  /** @throws ToolRefusal `unknown_service`; `unknown_resource`, also for one that does not give the service */
  async read({
    tenant,
    arguments: { service, resource },
    conversation: { say },
    scope,
    seeker,
  }: Pick<ToolCall, 'tenant' | 'arguments' | 'conversation' | 'scope' | 'seeker'>): Promise<AskedBookable> {
    const asked: AskedBookable = { ...seeker };
    if (service === undefined && resource === undefined && isEverything(scope)) return asked;
    const { services, resources } = await this.offered(tenant, scope);
    if (service !== undefined) {
      asked.serviceId = findNamed(services, service)?.id;
      if (asked.serviceId === undefined) {
        throw new ToolRefusal('unknown_service', say.unknownService(names(services, service)));
      }
    }
    if (resource !== undefined) {
      const { serviceId } = asked;
      const giving = resources.filter(
        ({ serviceIds }) => serviceId === undefined || serviceIds.includes(serviceId),
      );
      const found = findNamed(giving, resource);
      if (found === undefined) {
        throw new ToolRefusal('unknown_resource', say.unknownResource(names(giving, resource)));
      }
      asked.resourceId = found.id;
      asked.serviceId ??= found.serviceIds[0];
    }
    asked.serviceId ??= services[0]?.id;
    if (asked.serviceId === undefined) throw new ToolRefusal('unknown_service', say.nothingToBook());
    return asked;
  }

  /**
   * The call with what it leaves open or rules out applied: "anyone" asks for nobody, "not Dr. Okafor" for anybody else.
   * @throws ToolRefusal `unknown_service`, `unknown_resource` for what is ruled out and not there, or where nothing is left;
   * `missing_information` where several services are
   */
  async narrowed(call: ToolCall): Promise<ToolCall> {
    const { tenant, scope, seeker, conversation } = call;
    const { service, resource } = call.arguments;
    if (service === undefined && resource === undefined) return call;
    const { readChoice } = conversation.language;
    const [ofService, ofResource] = [readChoice(service ?? ''), readChoice(resource ?? '')];
    if (ofService.kind === 'one' && ofResource.kind === 'one') return call;
    const { service: _service, resource: _resource, ...others } = call.arguments;
    const offered = await this.offered(tenant, scope);
    const { say } = conversation;
    const asked: Writable<ToolArguments> = { ...others };
    const chosen = service === undefined ? undefined : chosenOf(offered.services, service, ofService);
    if (chosen?.unknown !== undefined || chosen?.left.length === 0) {
      throw new ToolRefusal('unknown_service', say.unknownService(names(offered.services, '')));
    }
    if (chosen?.isNarrowed === true) {
      const [only, another] = chosen.left;
      if (another !== undefined) {
        throw new ToolRefusal('missing_information', say.whichService(names(chosen.left, '')), {
          missing: ['service'],
        });
      }
      asked.service = only?.id;
    } else if (service !== undefined && chosen?.isName === true) asked.service = service;
    const staff = resource === undefined ? undefined : chosenOf(offered.resources, resource, ofResource);
    if (staff?.unknown !== undefined || staff?.left.length === 0) {
      throw new ToolRefusal('unknown_resource', say.unknownResource(names(offered.resources, '')));
    }
    if (resource !== undefined && staff?.isName === true) asked.resource = resource;
    const narrowed = staff?.isNarrowed === true && {
      withinResourceIds: staff.left.map(({ id }) => id),
      namesResource: true,
    };
    return { ...call, arguments: asked, seeker: { ...seeker, ...narrowed } };
  }

  /** Whether a slot is of a service and a resource that the credential may touch. */
  async allows(tenant: TenantId, scope: AgentScope, slot: SlotReference): Promise<boolean> {
    if (isEverything(scope)) return true;
    const { services, resources } = await this.offered(tenant, scope);
    const { serviceId, resourceId } = slot;
    return (
      services.some(({ id }) => id === serviceId) &&
      (resourceId === null || resources.some(({ id }) => id === resourceId))
    );
  }

  /** The services in the scope that somebody in the scope gives, and who gives any of them; the oldest first. */
  async offered(tenant: TenantId, scope: AgentScope): Promise<Offered> {
    const [services, resources] = await Promise.all([
      this.repository.listServices(tenant),
      this.repository.listResources(tenant),
    ]);
    const giving = resources
      .filter(({ id }) => allowsResource(scope, id))
      .map((resource) => ({
        ...resource,
        serviceIds: resource.serviceIds.filter((id) => allowsService(scope, id)),
      }))
      .filter(({ serviceIds }) => serviceIds.length > 0);
    const given = new Set(giving.flatMap(({ serviceIds }) => serviceIds));
    return { services: services.filter(({ id }) => given.has(id)), resources: giving };
  }
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** What is left of the items; all of them where one is asked for by its name, which is looked up elsewhere. */
function chosenOf<Item extends Named>(
  items: readonly Item[],
  said: string,
  choice: Choice,
): { left: readonly Item[]; isName: boolean; isNarrowed: boolean; unknown?: string } {
  // Something may be called "Anything".
  const isName = choice.kind === 'one' || items.some(({ name }) => plainText(name) === plainText(said));
  if (choice.kind !== 'not' || isName) return { left: items, isName, isNarrowed: false };
  const ruledOut = choice.names.map((name) => findNamed(items, name));
  const unknown = choice.names.find((_, index) => ruledOut[index] === undefined);
  const left = items.filter((item) => !ruledOut.includes(item));
  return { left, isName, isNarrowed: true, ...(unknown === undefined ? {} : { unknown }) };
}

function isEverything({ serviceIds, resourceIds }: AgentScope): boolean {
  return serviceIds.length === 0 && resourceIds.length === 0;
}

/** As many as can be said: those of whom one may be meant, if there are any. */
function names(items: readonly Named[], asked: string): string[] {
  const similar = similarTo(items, asked);
  return (similar.length > 0 ? similar : items).slice(0, MOST_SAID).map(({ name }) => name);
}

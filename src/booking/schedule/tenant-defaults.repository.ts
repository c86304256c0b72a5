import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { PrismaTransaction } from '../../platform/database/database.js';
import type { TenantId } from '../../platform/database/tenant-id.js';
import { TenantLifecycle } from '../../tenant/tenant-lifecycle.js';

const DEFAULT_SERVICE = { name: 'Appointment', durationMinutes: 60, slotStepMinutes: 60 };
const DEFAULT_RESOURCE = { name: 'Calendar' };

/** Gives each new tenant one service and one resource, so that the simple case has to set up neither. */
@Injectable()
export class TenantDefaultsRepository implements OnModuleInit {
  constructor(private readonly lifecycle: TenantLifecycle) {}

  onModuleInit(): void {
    this.lifecycle.onCreated((prisma, tenant) => this.createFor(prisma, tenant));
  }

  private async createFor(prisma: PrismaTransaction, tenantId: TenantId): Promise<void> {
    const resource = await prisma.resource.create({ data: { tenantId, ...DEFAULT_RESOURCE } });
    const service = await prisma.service.create({ data: { tenantId, ...DEFAULT_SERVICE } });
    await prisma.serviceResource.create({
      data: { tenantId, serviceId: service.id, resourceId: resource.id },
    });
  }
}

import { asTenantId } from '../../src/platform/database/tenant-id.js';
import { ApiKeyCache } from '../../src/tenant/api-key-cache.js';
import type { ApiKeyCaller } from '../../src/tenant/caller.js';

const callerWith = (id: string): ApiKeyCaller => ({
  tenant: asTenantId('00000000-0000-4000-8000-000000000000'),
  scopes: ['agent'],
  credential: { kind: 'api-key', id },
});

describe('the memory of verified keys', () => {
  let now: number;
  let cache: ApiKeyCache;

  beforeEach(() => {
    now = 1_000;
    cache = new ApiKeyCache(() => now);
  });

  it('believes a key for five seconds from the look-up, and asks for another half-way', () => {
    cache.keep('digest', callerWith('k'), now);
    now += 2_499;
    expect(cache.find('digest')).toEqual({ caller: callerWith('k'), refresh: false });
    now += 1;
    expect(cache.find('digest')).toEqual({ caller: callerWith('k'), refresh: true });
    now += 2_499;
    expect(cache.find('digest')).not.toBeNull();
    now += 1;
    expect(cache.find('digest')).toBeNull();
  });

  it('knows it for ten minutes more, for as long as it cannot be looked up', () => {
    cache.keep('digest', callerWith('k'), now);
    now += 10 * 60_000 - 1;
    expect(cache.find('digest')).toBeNull();
    expect(cache.lastKnown('digest')).toEqual(callerWith('k'));
    now += 1;
    expect(cache.lastKnown('digest')).toBeNull();
    expect(cache.size).toBe(0);
    cache.keep('revoked', callerWith('k'), now);
    cache.forget('revoked');
    expect(cache.lastKnown('revoked')).toBeNull();
  });

  it('holds ten thousand keys and lets go of those that were verified longest ago', () => {
    for (let n = 0; n < 10_000; n += 1) cache.keep(`digest ${n}`, callerWith(`k${n}`), now);
    cache.keep('digest 0', callerWith('k0'), now);
    for (let n = 0; n < 10; n += 1) cache.keep(`late ${n}`, callerWith(`l${n}`), now);
    expect(cache.size).toBe(10_000);
    expect(cache.find('digest 0')).not.toBeNull();
    expect(cache.find('digest 10')).toBeNull();
    expect(cache.find('digest 11')).not.toBeNull();
    expect(cache.find('late 9')).not.toBeNull();
  });

  it('forgets what it is told to, and nothing else', () => {
    cache.keep('one', callerWith('k1'), now);
    cache.keep('two', callerWith('k2'), now);
    cache.forgetWhere((caller) => caller.credential.id === 'k1');
    expect([cache.find('one'), cache.find('two')?.caller]).toEqual([null, callerWith('k2')]);
  });
});

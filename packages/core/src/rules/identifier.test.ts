import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bareId,
  contentFingerprint,
  derivedUuid,
  isTenantId,
  isUuid,
  normalizeUuid,
  qualifiedId,
  tenantOf,
} from './identifier.ts';

describe('derivedUuid', () => {
  // Computed with another language's SHA-256.
  it('known vectors', () => {
    expect(derivedUuid('record', 'user-1', 'änderung')).toBe('7a89520a-b298-8fe1-8b05-6bb38fb4ae51');
    expect(derivedUuid()).toBe('e3b0c442-98fc-8c14-9afb-f4c8996fb924');
  });

  it('has version 8 and the variant of RFC 9562, in lower case', () => {
    const form = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (parts) => {
        expect(derivedUuid(...parts)).toMatch(form);
      }),
    );
  });

  it('is the same for the same parts and another one for others, wherever they are cut', () => {
    const parts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\0', 'ü'), maxLength: 3 }), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(derivedUuid(...a) === derivedUuid(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
    expect(derivedUuid('ab', 'c')).not.toBe(derivedUuid('a', 'bc'));
    expect(derivedUuid('a')).not.toBe(derivedUuid('a', ''));
  });

  it('refuses lone surrogates, which would all be encoded alike', () => {
    expect(() => derivedUuid('\ud800')).toThrow(TypeError);
  });
});

describe('isUuid and normalizeUuid', () => {
  it.each([
    ['0b7e4b52-6c1d-4f6e-9a55-3d0c2f100000', '0b7e4b52-6c1d-4f6e-9a55-3d0c2f100000'],
    ['0B7E4B52-6C1D-4F6E-9A55-3D0C2F10ABCD', '0b7e4b52-6c1d-4f6e-9a55-3d0c2f10abcd'],
    ['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000'],
    ['FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  ])('accepts %s', (text, normal) => {
    expect(isUuid(text)).toBe(true);
    expect(normalizeUuid(text)).toBe(normal);
  });

  it.each([
    '',
    '0b7e4b526c1d4f6e9a553d0c2f100000',
    '{0b7e4b52-6c1d-4f6e-9a55-3d0c2f100000}',
    'urn:uuid:0b7e4b52-6c1d-4f6e-9a55-3d0c2f100000',
    '0b7e4b52-6c1d-4f6e-9a55-3d0c2f10000',
    '0b7e4b52-6c1d-4f6e-9a55-3d0c2f1000000',
    '0b7e4b52-6c1d-4f6e-9a55-3d0c2f10000g',
    '0b7e4b52-6c1d-4f6e-9a55-3d0c2f100000\n',
    ' 0b7e4b52-6c1d-4f6e-9a55-3d0c2f100000',
    '0b7e4b52‐6c1d‐4f6e‐9a55‐3d0c2f100000',
  ])('refuses %j', (text) => {
    expect(isUuid(text)).toBe(false);
    expect(normalizeUuid(text)).toBeNull();
  });

  it('accepts what derivedUuid makes', () => {
    fc.assert(
      fc.property(fc.string(), (part) => {
        expect(normalizeUuid(derivedUuid(part))).toBe(derivedUuid(part));
      }),
    );
  });
});

describe('contentFingerprint', () => {
  it('known vector, whatever the order of members and whoever hashes', () => {
    const hex = 'a8d71f64d3dc772b9eb4e657b383397a';
    expect(contentFingerprint({ b: [1, null], a: 'x' })).toBe(hex);
    expect(contentFingerprint({ a: 'x', c: undefined, b: [1, null] })).toBe(hex);
    const nativeHash = (text: string): Uint8Array => createHash('sha256').update(text).digest();
    expect(contentFingerprint({ b: [1, null], a: 'x' }, nativeHash)).toBe(hex);
  });

  it('tells different content apart', () => {
    const values = [null, 0, '0', '', false, [], {}, [null], { a: null }, { a: 0 }, { b: 0 }, 'null'];
    expect(new Set(values.map((value) => contentFingerprint(value))).size).toBe(values.length);
  });
});

describe('ids within a tenant', () => {
  it('come apart as they were put together, also when the id has a slash', () => {
    const tenants = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
    fc.assert(
      fc.property(tenants, fc.string({ minLength: 1 }), (tenant, id) => {
        expect(isTenantId(tenant)).toBe(true);
        expect(bareId(qualifiedId(tenant, id))).toBe(id);
        expect(tenantOf(qualifiedId(tenant, id))).toBe(tenant);
      }),
    );
  });

  it('an id without a tenant is bare already', () => {
    expect(bareId('a1')).toBe('a1');
    expect(tenantOf('a1')).toBeNull();
  });

  it.each(['', 'a/b', 'a.b', '../x', 'ä', 'a b', 'a\n', 'x'.repeat(65)])('no tenant is called %j', (text) => {
    expect(isTenantId(text)).toBe(false);
  });
});

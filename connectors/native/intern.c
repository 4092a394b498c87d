/* SPDX-License-Identifier: EUPL-1.2
 *
 * Distinct values, and hashes.
 */
#include "native.h"

#include <stdlib.h>

typedef struct {
    uint32_t tag;         /* upper half of the hash */
    uint32_t place;       /* + 1; 0 is empty */
    uint32_t start, size; /* of the value in `bytes` */
} slot;

struct intern {
    uint64_t seed;
    slot *slots;
    uint32_t mask, count, room;
    uint32_t *starts;
    uint8_t *bytes;
    uint64_t used, space;
};

enum { SLOTS = 1 << 12, ROOM = 1 << 10, SPACE = 1 << 14 };

intern *intern_new(uint64_t seed) {
    intern *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->seed = seed;
    t->mask = SLOTS - 1;
    t->room = ROOM;
    t->space = SPACE;
    t->slots = calloc(SLOTS, sizeof *t->slots);
    t->starts = calloc(ROOM + 1, sizeof *t->starts);
    t->bytes = malloc(SPACE);
    if (t->slots && t->starts && t->bytes) return t;
    intern_free(t);
    return NULL;
}

void intern_free(intern *t) {
    if (!t) return;
    free(t->slots);
    free(t->starts);
    free(t->bytes);
    free(t);
}

uint32_t intern_count(const intern *t) { return t->count; }
uint64_t intern_size(const intern *t) { return t->used; }
const uint8_t *intern_bytes(const intern *t) { return t->bytes; }
const uint32_t *intern_starts(const intern *t) { return t->starts; }

static uint64_t eight(const uint8_t *p) {
    uint64_t x;
    memcpy(&x, p, 8);
    return x;
}

static uint64_t four(const uint8_t *p) {
    uint32_t x;
    memcpy(&x, p, 4);
    return x;
}

/* The construction of wyhash: 128-bit products of the bytes, seeded. */
uint64_t hashed(const void *bytes, uint32_t size, uint64_t seed) {
    const uint64_t k0 = 0xa0761d6478bd642fULL, k1 = 0xe7037ed1a0b428dbULL;
    const uint8_t *p = bytes;
    uint64_t a = 0, b = 0;
    seed ^= k0;
    if (size <= 16) {
        if (size >= 4) {
            uint32_t step = (size >> 3) << 2;
            a = four(p) << 32 | four(p + step);
            b = four(p + size - 4) << 32 | four(p + size - 4 - step);
        } else if (size > 0) {
            a = (uint64_t)p[0] << 16 | (uint64_t)p[size >> 1] << 8 | p[size - 1];
        }
    } else {
        uint32_t left = size;
        for (; left > 16; left -= 16, p += 16) seed = mixed(eight(p) ^ k1, eight(p + 8) ^ seed);
        a = eight(p + left - 16);
        b = eight(p + left - 8);
    }
    return mixed(k1 ^ size, mixed(a ^ k1, b ^ seed));
}

static int widened(intern *t) {
    uint64_t size = ((uint64_t)t->mask + 1) * 2;
    if (size > UINT32_MAX) return FAILED;
    slot *slots = calloc(size, sizeof *slots);
    if (!slots) return FAILED;
    uint32_t mask = (uint32_t)(size - 1);
    for (uint32_t place = 0; place < t->count; place++) {
        uint64_t h = hashed(t->bytes + t->starts[place], t->starts[place + 1] - t->starts[place], t->seed);
        uint32_t i = (uint32_t)h & mask;
        while (slots[i].place) i = (i + 1) & mask;
        slots[i] = (slot){(uint32_t)(h >> 32), place + 1, t->starts[place], t->starts[place + 1] - t->starts[place]};
    }
    free(t->slots);
    t->slots = slots;
    t->mask = mask;
    return 0;
}

static int added(intern *t, const void *bytes, uint32_t size) {
    if (t->count == t->room) {
        uint32_t *starts = realloc(t->starts, (2 * (size_t)t->room + 1) * sizeof *starts);
        if (!starts) return FAILED;
        t->starts = starts;
        t->room *= 2;
    }
    if (t->used + size > t->space) {
        uint64_t space = 2 * (t->used + size);
        if (t->used + size > UINT32_MAX) return FAILED;
        uint8_t *longer = realloc(t->bytes, space);
        if (!longer) return FAILED;
        t->bytes = longer;
        t->space = space;
    }
    memcpy(t->bytes + t->used, bytes, size);
    t->used += size;
    t->count++;
    t->starts[t->count] = (uint32_t)t->used;
    return 0;
}

int64_t intern_place(intern *t, const void *bytes, uint32_t size) {
    return intern_hashed(t, bytes, size, hashed(bytes, size, t->seed));
}

uint64_t intern_hash(const intern *t, const void *bytes, uint32_t size) {
    uint64_t h = hashed(bytes, size, t->seed);
    __builtin_prefetch(&t->slots[(uint32_t)h & t->mask]);
    return h;
}

void intern_near(const intern *t, uint64_t h) {
    const slot *s = &t->slots[(uint32_t)h & t->mask];
    if (s->place) __builtin_prefetch(t->bytes + s->start);
}

int64_t intern_hashed(intern *t, const void *bytes, uint32_t size, uint64_t h) {
    uint32_t tag = (uint32_t)(h >> 32), i = (uint32_t)h & t->mask;
    for (; t->slots[i].place; i = (i + 1) & t->mask) {
        const slot *s = &t->slots[i];
        if (s->tag == tag && s->size == size && !memcmp(t->bytes + s->start, bytes, size)) return (int64_t)s->place - 1;
    }
    uint32_t start = (uint32_t)t->used;
    if (added(t, bytes, size)) return FAILED;
    t->slots[i] = (slot){tag, t->count, start, size};
    if ((uint64_t)t->count * 2 > t->mask && widened(t)) return FAILED;
    return (int64_t)t->count - 1;
}

#define ROTATED(x, bits) ((x) << (bits) | (x) >> (64 - (bits)))

static void rounds(uint64_t v[4], int count) {
    while (count--) {
        v[0] += v[1];
        v[1] = ROTATED(v[1], 13) ^ v[0];
        v[0] = ROTATED(v[0], 32);
        v[2] += v[3];
        v[3] = ROTATED(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = ROTATED(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = ROTATED(v[1], 17) ^ v[2];
        v[2] = ROTATED(v[2], 32);
    }
}

static void begun(uint64_t v[4], const uint64_t key[2]) {
    v[0] = key[0] ^ 0x736f6d6570736575ULL;
    v[1] = key[1] ^ 0x646f72616e646f6dULL;
    v[2] = key[0] ^ 0x6c7967656e657261ULL;
    v[3] = key[1] ^ 0x7465646279746573ULL;
}

static void fed(uint64_t v[4], uint64_t word) {
    v[3] ^= word;
    rounds(v, 2);
    v[0] ^= word;
}

static uint64_t ended(uint64_t v[4]) {
    v[2] ^= 0xff;
    rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t siphash(uint64_t first, uint64_t second, const uint64_t key[2]) {
    uint64_t v[4];
    begun(v, key);
    fed(v, first);
    fed(v, second);
    fed(v, (uint64_t)16 << 56);
    return ended(v);
}

uint64_t keyed(const uint8_t *bytes, uint32_t size, const uint64_t key[2]) {
    uint64_t v[4], last = (uint64_t)size << 56;
    uint32_t i = 0;
    begun(v, key);
    for (; i + 8 <= size; i += 8) fed(v, eight(bytes + i));
    for (uint32_t j = i; j < size; j++) last |= (uint64_t)bytes[j] << 8 * (j - i);
    fed(v, last);
    uint64_t word = ended(v);
    return word ? word : 1;
}

/* SPDX-License-Identifier: EUPL-1.2
 *
 * Columns of texts as places of their distinct values, or as hashes.
 */
#include "native.h"

/* Texts one behind the other; `known` is 0 for null, and NULL where none is. */
typedef struct {
    const uint8_t *bytes;
    const int64_t *starts;
    const uint8_t *known;
    uint64_t count;
} column;

static text at(const column *c, uint64_t i) {
    if (c->known && !c->known[i]) return (text){0};
    return (text){(c->bytes ? c->bytes : (const uint8_t *)"") + c->starts[i], (uint32_t)(c->starts[i + 1] - c->starts[i])};
}

/* Place + 1 of each text, 0 for null. */
PYTHON int place_texts(intern *table, const column *c, uint32_t *out) {
    for (uint64_t i = 0; i < c->count; i++) {
        text v = at(c, i);
        int64_t place = v.at ? intern_place(table, v.at, v.size) : -1;
        if (v.at && place < 0) return FAILED;
        out[i] = (uint32_t)(place + 1);
    }
    return 0;
}

/* Place + 1 of each word of some bytes. */
PYTHON int place_words(intern *table, const uint8_t *words, uint32_t width, uint64_t count, uint32_t *out) {
    for (uint64_t i = 0; i < count; i++) {
        int64_t place = intern_place(table, words + i * width, width);
        if (place < 0) return FAILED;
        out[i] = (uint32_t)place + 1;
    }
    return 0;
}

/* Keyed hash of each text, 0 for null. */
PYTHON void hash_texts(const column *c, const uint64_t key[2], uint64_t *out) {
    for (uint64_t i = 0; i < c->count; i++) {
        text v = at(c, i);
        out[i] = v.at ? keyed(v.at, v.size, key) : 0;
    }
}

/* SipHash of pairs of words. */
PYTHON void hash_pairs(const uint64_t *first, const uint64_t *second, uint64_t count, const uint64_t key[2], uint64_t *out) {
    for (uint64_t i = 0; i < count; i++) out[i] = siphash(first[i], second[i], key);
}

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

static int plain_name(text v) {
    uint32_t label = 0;
    if (!v.size || v.size > 253) return 0;
    for (uint32_t i = 0; i < v.size; i++) {
        uint8_t c = v.at[i];
        if (c == '.') {
            if (!label) return 0;
            label = 0;
        } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-') {
            if (++label > 63) return 0;
        } else {
            return 0;
        }
    }
    return label && v.at[v.size - 1] >= 'a' && v.at[v.size - 1] <= 'z';
}

/* Four numbers to 255 without leading zeros; `part` gets them. */
static int plain_address(text v, uint32_t part[4]) {
    uint32_t count = 0, digits = 0, number = 0;
    for (uint32_t i = 0; i <= v.size; i++) {
        if (i < v.size && v.at[i] >= '0' && v.at[i] <= '9') {
            if (digits == 3 || (digits && !number)) return 0;
            number = number * 10 + (v.at[i] - '0');
            digits++;
        } else if ((i == v.size || v.at[i] == '.') && digits && number <= 255 && count < 4) {
            part[count++] = number;
            digits = number = 0;
        } else {
            return 0;
        }
    }
    return count == 4;
}

static int private_address(const uint32_t p[4]) {
    return p[0] == 10 || p[0] == 127 || (p[0] == 192 && p[1] == 168) || (p[0] == 169 && p[1] == 254) ||
           (p[0] == 172 && p[1] >= 16 && p[1] <= 31);
}

/* Of the values between two places: is it a name or an address that needs no change, and their hashes under a key. */
PYTHON void look(const intern *table, uint32_t first, uint32_t end, const uint64_t key[2], uint8_t *kind, uint64_t *hash) {
    const uint8_t *bytes = intern_bytes(table);
    const uint32_t *starts = intern_starts(table);
    for (uint32_t i = first; i < end; i++) {
        text v = {bytes + starts[i], starts[i + 1] - starts[i]};
        uint32_t part[4];
        int address = plain_address(v, part);
        kind[i - first] = (uint8_t)(plain_name(v) | address << 1 | (address && private_address(part)) << 2);
        hash[i - first] = keyed(v.at, v.size, key);
    }
}

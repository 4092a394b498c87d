/* SPDX-License-Identifier: EUPL-1.2
 *
 * Lines whose fields are separated by one byte; fields may stand in quotes.
 */
#include "native.h"

typedef struct {
    const layout *how;
    const uint8_t *limit; /* end of the block: bytes may be loaded before it */
    text value[VALUES_MAX];
} splitter;

enum { TORN = ODD, QUOTED = 100 };

#ifndef __SSE2__
/* Which of eight bytes are this one: a bit each, the first byte lowest. */
static uint64_t equal(const uint8_t *at, uint8_t is) {
    const uint64_t each = 0x0101010101010101ULL, low = 0x7f * each;
    uint64_t x = 0;
    for (int i = 0; i < 8; i++) x |= (uint64_t)at[i] << 8 * i; /* one load where the machine's order is this one */
    x ^= each * is;
    return (~(((x & low) + low) | x | low) >> 7) * 0x0102040810204080ULL >> 56;
}
#endif

/* Which of the next 64 bytes of a line are a separator, and which a quote: one bit each. */
static uint64_t marked(const uint8_t *at, const uint8_t *end, const splitter *s, uint64_t *quotes) {
    const layout *how = s->how;
    uint64_t seps = 0, marks = 0;
    uint8_t rest[64];
    if (s->limit - at < 64) {
        memset(rest, 0, sizeof rest);
        memcpy(rest, at, (size_t)(end - at < 64 ? end - at : 64));
    }
    const uint8_t *from = s->limit - at < 64 ? rest : at;
#ifdef __SSE2__
    const __m128i sep = _mm_set1_epi8((char)how->separator), mark = _mm_set1_epi8((char)how->quote);
    for (int i = 0; i < 4; i++) {
        __m128i x = _mm_loadu_si128((const __m128i *)from + i);
        seps |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, sep)) << 16 * i;
        if (how->quote) marks |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, mark)) << 16 * i;
    }
#else
    for (int i = 0; i < 64; i += 8) {
        seps |= equal(from + i, how->separator) << i;
        if (how->quote) marks |= equal(from + i, how->quote) << i;
    }
#endif
    uint64_t inside = end - at < 64 ? (1ULL << (end - at)) - 1 : ~0ULL;
    *quotes = marks & inside;
    return seps & inside;
}

/* Values of a line without quotes; QUOTED when there is one before all are found. */
static int plainly(text line, splitter *s) {
    const uint8_t *at = line.at, *end = line.at + line.size, *next = line.at;
    const layout *how = s->how;
    uint32_t column = 0, wanted = 0, most = how->most;
    uint64_t quotes = 0, seps = 0;
    for (; column < most; column++) {
        const uint8_t *stop = end;
        while (!seps && !quotes && next < end) {
            seps = marked(next, end, s, &quotes);
            if (quotes) seps &= (quotes & -quotes) - 1;
            next += 64;
        }
        if (seps) {
            stop = next - 64 + __builtin_ctzll(seps);
            seps &= seps - 1;
        } else if (quotes) {
            return QUOTED;
        }
        if (how->padded && stop == at) {
            if (column == 1 && stop < end) { /* blanks behind the first field */
                at = stop + 1;
                column--;
                continue;
            }
            if (column + 1 < most) return ODD;
        }
        if (wanted < how->values && how->column[wanted] == (int32_t)column)
            s->value[wanted++] = (text){at, (uint32_t)(stop - at)};
        if (stop == end) {
            column++;
            break;
        }
        at = stop + 1;
    }
    while (wanted < how->values) s->value[wanted++] = (text){0};
    return column < how->least ? TORN : ROW;
}

/* Values of a line with quotes. A doubled quote and a quote inside a field make the line odd. */
static int quotedly(text line, splitter *s) {
    const uint8_t *at = line.at, *end = line.at + line.size;
    const layout *how = s->how;
    int wanted = 0;
    uint32_t allowed = 0; /* values that may stand in quotes */
    if (memchr(line.at, 0x1f, line.size)) return ODD; /* stands for a comma on the long way */
    for (int p = 0; p < how->plan_count; p++)
        for (int f = 0; f < how->plan[p].fields; f++)
            if (how->plan[p].field[f].quoted) allowed |= 1u << how->plan[p].field[f].from[0];
    uint32_t column = 0;
    for (; column < how->most && at <= end; column++) {
        int inside = at < end && *at == how->quote;
        const uint8_t *stop = memchr(at + inside, inside ? how->quote : how->separator, (size_t)(end - at - inside));
        if (!stop && inside) return ODD;
        if (!stop) stop = end;
        if (!inside && memchr(at, how->quote, (size_t)(stop - at))) return ODD;
        if (inside && stop + 1 < end && stop[1] != how->separator) return ODD;
        if (wanted < how->values && how->column[wanted] == (int32_t)column) {
            if (inside && !(allowed >> wanted & 1)) return ODD;
            s->value[wanted++] = (text){at + inside, (uint32_t)(stop - at - inside)};
        }
        at = stop + 1 + inside;
    }
    while (wanted < how->values) s->value[wanted++] = (text){0};
    return column < how->least ? TORN : ROW;
}

static int values_of(text line, void *state) {
    int what = plainly(line, state);
    return what == QUOTED ? quotedly(line, state) : what;
}

int read_delimited(const uint8_t *block, uint64_t size, const layout *how, rows *out) {
    splitter s = {.how = how, .limit = block + size};
    return each_line(block, size, how, out, values_of, &s, s.value);
}

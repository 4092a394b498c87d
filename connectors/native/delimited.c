/* SPDX-License-Identifier: EUPL-1.2
 *
 * Lines whose fields are separated by one byte; fields may stand in quotes.
 */
#include "native.h"

typedef struct {
    const layout *how;
    const uint8_t *limit; /* end of the block: sixteen bytes may be loaded before it */
    text value[VALUES_MAX];
} splitter;

enum { TORN = ODD, QUOTED = 100 };

static const uint8_t *separated(const uint8_t *at, const uint8_t *end, const splitter *s, int *quote) {
    const layout *how = s->how;
#ifdef __SSE2__
    const __m128i sep = _mm_set1_epi8((char)how->separator);
    const __m128i mark = _mm_set1_epi8((char)(how->quote ? how->quote : how->separator));
    for (; at < end && s->limit - at >= 16; at += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)at);
        int hit = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(x, sep), _mm_cmpeq_epi8(x, mark)));
        if (!hit) continue;
        at += __builtin_ctz((unsigned)hit);
        if (at >= end) return end;
        *quote |= *at != how->separator;
        return at;
    }
#endif
    for (; at < end; at++) {
        if (*at == how->separator) return at;
        if (how->quote && *at == how->quote) return *quote = 1, at;
    }
    return end;
}

/* Values of a line without quotes; QUOTED when there is one before all are found. */
static int plainly(text line, splitter *s) {
    const uint8_t *at = line.at, *end = line.at + line.size;
    const layout *how = s->how;
    int wanted = 0, quote = 0;
    uint32_t column = 0;
    for (; column < how->most && at <= end; column++) {
        const uint8_t *stop = separated(at, end, s, &quote);
        if (quote) return QUOTED;
        if (how->padded && stop == at && column + 1 < how->most) return ODD;
        if (wanted < how->values && how->column[wanted] == (int32_t)column)
            s->value[wanted++] = (text){at, (uint32_t)(stop - at)};
        at = stop + 1;
        if (!column && how->padded)
            while (at < end && *at == how->separator) at++;
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

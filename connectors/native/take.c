/* SPDX-License-Identifier: EUPL-1.2
 *
 * From the values of one line to a row. What this file cannot take for sure makes the line odd: Python reads it.
 */
#include "native.h"

enum { LONGEST = 1 << 16, DIGITS_MAX = 18, EPOCH_SECONDS = 10, PADDED_TIME = 14, MICROS = 6, SLOT_SECONDS = 900 };
/* Later than this (the year 2106) floating seconds no longer hold a microsecond. */
static const uint64_t LATEST = UINT32_MAX;

/* Which sources this was built from (build.py). */
#ifndef SOURCES
#define SOURCES ""
#endif
const char *built_from(void) { return SOURCES; }

const uint8_t *next_line(const uint8_t *at, const uint8_t *end, text *line) {
    const uint8_t *stop = memchr(at, '\n', (size_t)(end - at));
    const uint8_t *next = stop ? stop + 1 : end;
    if (!stop) stop = end;
    while (stop > at && stop[-1] == '\r') stop--;
    *line = (text){at, (uint32_t)(stop - at)};
    return next;
}

int looked_at(text line, const layout *how) {
    if (!line.size || line.at[0] == '#') return NO_RECORD;
    if (line.at[0] <= ' ' || line.at[0] >= 0x7f || line.at[0] == how->comment) return STRANGE;
    if (!how->utf8)
        for (uint32_t i = 0; i < line.size; i++)
            if (line.at[i] & 0x80) return STRANGE;
    return PLAIN;
}

uint64_t survey(const uint8_t *block, uint64_t size, uint8_t *ascii) {
    uint64_t count = 0, i = 0;
    uint8_t high = 0;
#ifdef __SSE2__
    const __m128i end = _mm_set1_epi8('\n'), none = _mm_setzero_si128();
    __m128i bits = none;
    while (size - i >= 16) {
        __m128i sum = none; /* sixteen counters of one byte each: at most 255 rounds */
        for (int round = 0; round < 255 && size - i >= 16; round++, i += 16) {
            __m128i x = _mm_loadu_si128((const __m128i *)(block + i));
            sum = _mm_sub_epi8(sum, _mm_cmpeq_epi8(x, end));
            bits = _mm_or_si128(bits, x);
        }
        __m128i halves = _mm_sad_epu8(sum, none);
        count += (uint64_t)_mm_cvtsi128_si64(halves) + (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(halves, halves));
    }
    high = _mm_movemask_epi8(bits) ? 0x80 : 0;
#endif
    for (; i < size; i++) count += block[i] == '\n', high |= block[i];
    *ascii = !(high & 0x80);
    return count;
}

uint64_t lines_from(const uint8_t *block, uint64_t size, uint8_t sign, uint64_t *out, uint64_t room) {
    uint64_t count = 0;
    if (size && room && *block == sign) out[count++] = 0;
    const uint8_t *at = block, *end = block + size;
    while (count < room && at < end && (at = memchr(at, sign, (size_t)(end - at)))) {
        if (at > block && at[-1] == '\n') out[count++] = (uint64_t)(at - block);
        at++;
    }
    return count;
}

int booked(taker *t, int what, text line) {
    rows *out = t->out;
    if (what == ROW) {
        out->start[out->rows] = (uint32_t)(line.at - t->block);
        out->line[out->rows++] = (uint32_t)out->lines;
        if (++t->waiting == BATCH) return finished(t);
    } else if (what == IDLE) {
        out->idle++;
    } else {
        out->odd_start[out->odd] = (uint32_t)(line.at - t->block);
        out->odd_end[out->odd] = (uint32_t)(line.at - t->block) + line.size;
        out->odd_line[out->odd++] = (uint32_t)out->lines;
    }
    return 0;
}

static int same(const text *a, const text *b) {
    return a->at && a->size == b->size && !memcmp(a->at, b->at, a->size);
}

/* Marks and their combinations: nearly always what the row before had. */
static int marked(taker *t, uint64_t first) {
    rows *out = t->out;
    uint32_t key[1 + MARKS_MAX] = {0}, last[1 + MARKS_MAX] = {UINT32_MAX}, code = 0;
    text before[MARKS_MAX] = {{0}};
    for (uint32_t i = 0; i < t->waiting; i++) {
        key[0] = t->kind[i];
        for (int m = 0; m < MARKS_MAX; m++) {
            const text *v = &t->text[MARK + m][i].value;
            if (!v->at) key[1 + m] = 0;
            if (!v->at || same(&before[m], v)) continue;
            int64_t place = intern_place(out->marks, v->at, v->size);
            if (place < 0) return FAILED;
            key[1 + m] = (uint32_t)place + 1;
        }
        for (int m = 0; m < MARKS_MAX; m++) before[m] = t->text[MARK + m][i].value;
        if (memcmp(key, last, sizeof key)) {
            int64_t place = intern_place(out->of[MARK], key, sizeof key);
            if (place < 0) return FAILED;
            code = (uint32_t)place + 1;
            memcpy(last, key, sizeof key);
        }
        out->code[MARK][first + i] = code;
    }
    return 0;
}

static int is_full(const rows *out) {
    uint64_t cost = 0;
    for (int slot = 0; slot < TEXTS; slot++)
        cost += (uint64_t)intern_count(out->of[slot]) * out->cost[slot] + 2 * intern_size(out->of[slot]);
    return cost > out->most;
}

int finished(taker *t) {
    rows *out = t->out;
    uint64_t first = out->rows - t->waiting;
    for (int slot = 0; slot < MARK; slot++)
        for (uint32_t i = 0; i < t->waiting; i++)
            if (t->text[slot][i].value.at) intern_near(out->of[slot], t->text[slot][i].hash);
    for (int slot = 0; slot < MARK; slot++)
        for (uint32_t i = 0; i < t->waiting; i++) {
            const pending *p = &t->text[slot][i];
            int64_t place = -1;
            if (p->value.at) {
                place = intern_hashed(out->of[slot], p->value.at, p->value.size, p->hash);
                if (place < 0) return FAILED;
            }
            out->code[slot][first + i] = (uint32_t)(place + 1);
        }
    if (marked(t, first)) return FAILED;
    t->waiting = 0;
    return is_full(out) ? FULL : 0;
}

static int is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

static int all_digits(const uint8_t *at, uint32_t size) {
    for (uint32_t i = 0; i < size; i++)
        if (!is_digit(at[i])) return 0;
    return 1;
}

static int is_null(text v, const layout *how) {
    if (!v.at) return 1;
    for (int i = 0; i < how->null_count; i++)
        if (v.size == how->null_size[i] && !memcmp(v.at, how->null[i], v.size)) return 1;
    return 0;
}

static int number(text v, uint64_t *out) {
    if (!v.size || v.size > DIGITS_MAX || !all_digits(v.at, v.size)) return ODD;
    uint64_t n = 0;
    for (uint32_t i = 0; i < v.size; i++) n = n * 10 + (v.at[i] - '0');
    *out = n;
    return ROW;
}

static int keyed_by(taker *t, pending *out, uint32_t size) {
    out->value = (text){t->time[t->waiting], size};
    out->hash = intern_hash(t->out->of[TIME], out->value.at, size);
    return ROW;
}

/* `1461576382.642123`: key is the quarter of an hour. */
static int epoch(text v, taker *t, pending *out) {
    uint64_t seconds;
    /* where blanks pad the fields, the long way reads a time of another width by other rules */
    if (t->how->padded && v.size != PADDED_TIME) return ODD;
    if (v.size <= EPOCH_SECONDS + 1 || v.size > EPOCH_SECONDS + 1 + MICROS || v.at[EPOCH_SECONDS] != '.') return ODD;
    if (number((text){v.at, EPOCH_SECONDS}, &seconds) || seconds >= LATEST) return ODD;
    if (!all_digits(v.at + EPOCH_SECONDS + 1, v.size - EPOCH_SECONDS - 1)) return ODD;
    uint32_t slot = (uint32_t)(seconds / SLOT_SECONDS);
    memcpy(t->time[t->waiting], &slot, sizeof slot);
    return keyed_by(t, out, sizeof slot);
}

/* In a form `9` stands for any digit and all else for itself. */
static int has_form(const uint8_t *at, const char *form) {
    for (; *form; form++, at++)
        if (*form == '9' ? !is_digit(*at) : *at != (uint8_t)*form) return 0;
    return 1;
}

/* `2026/09/22 08:22:39`: key is the text up to the minute. */
static int local(text v, taker *t, pending *out) {
    if (v.size != 19 || !has_form(v.at, "9999/99/99 99:99:99") || v.at[17] > '5') return ODD;
    memcpy(t->time[t->waiting], v.at, 16);
    return keyed_by(t, out, 16);
}

/* `2026-09-22T08:22:39.578849+0200`: key is the text up to the minute, then the zone. */
static int iso(text v, taker *t, pending *out) {
    uint8_t *key = t->time[t->waiting];
    if (v.size < 20 || !has_form(v.at, "9999-99-99T99:99:99") || v.at[17] > '5') return ODD;
    uint32_t i = 19;
    if (v.at[i] == '.') {
        uint32_t first = ++i;
        while (i < v.size && is_digit(v.at[i])) i++;
        if (i == first || i - first > MICROS) return ODD;
    }
    uint32_t zone = v.size - i;
    int known = (zone == 1 && v.at[i] == 'Z') ||
                (zone == 5 && (v.at[i] == '+' || v.at[i] == '-') && all_digits(v.at + i + 1, 4)) ||
                (zone == 6 && (v.at[i] == '+' || v.at[i] == '-') && has_form(v.at + i + 1, "99:99"));
    if (!known) return ODD;
    memcpy(key, v.at, 16);
    memcpy(key + 16, v.at + i, zone);
    return keyed_by(t, out, 16 + zone);
}

static text until_slash(text v, int slashes) {
    const uint8_t *at = v.at, *end = v.at + v.size;
    while (slashes--) {
        at = memchr(at, '/', (size_t)(end - at));
        if (!at) return v;
        at++;
    }
    return (text){v.at, (uint32_t)(at - 1 - v.at)};
}

static int begins(text v, const char *with) {
    size_t size = strlen(with);
    return v.size >= size && !memcmp(v.at, with, size);
}

static int pends(text v, const intern *table, pending *out) {
    if (v.size > LONGEST) return ODD;
    *out = (pending){v, table ? intern_hash(table, v.at, v.size) : 0};
    return ROW;
}

static int taken(const field *f, text v, taker *t) {
    const layout *how = t->how;
    rows *out = t->out;
    uint64_t n = 0, row = out->rows;
    int null = is_null(v, how), what;
    int place = f->slot < MARK ? f->slot : f->slot - MARKS + MARK;
    const intern *table = f->slot < MARK ? out->of[f->slot] : NULL; /* marks are hashed when they change */
    pending *to = place < PENDING ? &t->text[place][t->waiting] : NULL;
    switch (f->op) {
        case EPOCH: return null ? ODD : epoch(v, t, to);
        case LOCAL: return null ? ODD : local(v, t, to);
        case ISO: return null ? ODD : iso(v, t, to);
        case DIGITS:
            if (null || number(v, &n)) return ODD;
            if (f->slot == UP) out->up[row] = (int64_t)n;
            if (f->slot == DOWN) out->down[row] = (int64_t)n;
            return ROW;
        case COUNT:
            what = null ? ROW : number(v, &n);
            (f->slot == UP ? out->up : out->down)[row] = null ? -1 : (int64_t)n;
            return what;
        case FLOW: out->flow[row] = null ? 0 : keyed(v.at, v.size, how->key); return ROW;
        case THIRD_SLASH: return null ? ROW : pends(until_slash(v, 3), table, to);
        case WEB:
            if (null) return ROW;
            if (begins(v, "http://https://")) return ODD;
            return pends(until_slash(v, begins(v, "http://") || begins(v, "https://") ? 3 : 1), table, to);
        default: return null ? ROW : pends(v, table, to);
    }
}

static int holds(const condition *w, text v, const layout *how) {
    if (w->size == NONE) return is_null(v, how);
    if (w->size == ANY) return !is_null(v, how);
    return v.at && v.size == (uint32_t)w->size && v.at[0] == (uint8_t)w->is[0] && !memcmp(v.at, w->is, v.size);
}

int take(taker *t, const text *value) {
    const layout *how = t->how;
    rows *out = t->out;
    const plan *p = how->plan, *end = p + how->plan_count;
    for (; p < end; p++) {
        int all = 1;
        for (int i = 0; i < p->whens && all; i++) all = holds(&p->when[i], value[p->when[i].value], how);
        if (all) break;
    }
    if (p == end) return ODD;
    if (p->kind != ROW) return p->kind;
    for (int slot = 0; slot < PENDING; slot++) t->text[slot][t->waiting].value.at = NULL;
    out->up[out->rows] = out->down[out->rows] = -1;
    out->flow[out->rows] = 0;
    t->kind[t->waiting] = (uint32_t)(p - how->plan);
    for (int i = 0; i < p->fields; i++) {
        const field *f = &p->field[i];
        text v = value[f->from[0]];
        for (int j = 1; j < f->count && is_null(v, how); j++) v = value[f->from[j]];
        int what = taken(f, v, t);
        if (what != ROW) return what;
    }
    return ROW;
}

int each_line(const uint8_t *block, uint64_t size, const layout *how, rows *out, finder *find, void *state,
              const text *value) {
    taker t = {.how = how, .block = block, .out = out};
    text line;
    const uint8_t *at = block, *end = block + size;
    for (int done = 0; at < end && done != FULL; out->lines++) {
        at = next_line(at, end, &line);
        int what = looked_at(line, how);
        if (what == NO_RECORD) continue;
        what = what == PLAIN ? find(line, state) : ODD;
        if (what == ROW) what = take(&t, value);
        done = booked(&t, what, line);
        if (done == FAILED) return FAILED;
    }
    out->used = (uint64_t)(at - block);
    return finished(&t) == FAILED ? FAILED : 0;
}

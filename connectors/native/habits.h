/* SPDX-License-Identifier: EUPL-1.2
 *
 * What stands between the values of JSON lines. Most lines of a log have the same keys in the same order as one before:
 * what stood between their values was accepted by the grammar, and is so again wherever the same kinds of values come.
 */
#ifndef LEITPLANKE_HABITS_H
#define LEITPLANKE_HABITS_H

#include "native.h"

enum { NOTHING = 255, STEPS_MAX = 1024, STEP_BYTES = 32, NOTES_MAX = 128, OTHERS_MAX = 8, TRIAL = 1024 };

/* The text between two values, and what follows it; steps that may follow form a tree. */
typedef struct {
    char text[STEP_BYTES];
    uint8_t size, value, quoted, last; /* `value`: where the value goes, or NOTHING; `last`: the line ends */
    uint16_t child, other;             /* the first step that may follow; the next that may stand in its place */
    uint32_t met[2];                   /* wanted values and nodes that are met on the way */
} step;

typedef struct {
    text text;
    uint32_t met[2];
    uint8_t value, quoted, last;
} note;

typedef struct {
    uint32_t tried, met; /* lines, and lines that were as one before */
    uint16_t steps, notes;
    step step[STEPS_MAX];
    note note[NOTES_MAX]; /* of the line being read */
} habits;

/* Notes the text before a value of the line being read. */
void noted(habits *h, text between, uint8_t value, int quoted, const uint32_t met[2]);
/* Keeps what was noted of a line that is whole; `between`: behind its last value. */
void learned(habits *h, text between);
/* Whether it is worth trying; begins a line. */
int useful(habits *h);

/* The step that fits the text, or NULL. */
static inline const step *next_step(const habits *h, const step *from, const uint8_t *at, const uint8_t *end, const uint8_t *limit) {
    for (uint16_t i = from->child; i; i = h->step[i].other) {
        const step *s = &h->step[i];
        if (end - at < s->size) continue;
#ifdef __SSE2__
        if (limit - at >= STEP_BYTES) {
            const __m128i *is = (const __m128i *)s->text, *here = (const __m128i *)at;
            uint32_t low = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(is), _mm_loadu_si128(here)));
            uint32_t high = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(is + 1), _mm_loadu_si128(here + 1)));
            if (~(low | high << 16) & (uint32_t)((1ULL << s->size) - 1)) continue;
        } else
#else
        (void)limit;
#endif
            if (memcmp(s->text, at, s->size)) continue;
        if (s->last ? at + s->size == end : s->quoted || at + s->size == end || !strchr("\"{[", at[s->size])) return s;
    }
    return NULL;
}

#endif

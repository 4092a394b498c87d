/* SPDX-License-Identifier: EUPL-1.2
 *
 * Quick reading of log lines: fields as numbers. Shared by the files of this folder; Python's side is __init__.py.
 * Everything here is about bytes, places and sums. What a text means is decided in Python, once for each distinct text.
 */
#ifndef LEITPLANKE_NATIVE_H
#define LEITPLANKE_NATIVE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { FAILED = -1, FULL = 1 }; /* out of memory; enough for now */

/* What Python calls; all else stays inside. */
#define PYTHON __attribute__((visibility("default")))

/* A piece of the block; `at` is NULL where a line has no such value. */
typedef struct {
    const uint8_t *at;
    uint32_t size;
} text;

/* Distinct byte strings and their places 0, 1, 2 ... in the order of their first occurrence. */
typedef struct intern intern;

PYTHON intern *intern_new(uint64_t seed);
PYTHON void intern_free(intern *table);
PYTHON uint32_t intern_count(const intern *table);
/* How many bytes the values have. */
PYTHON uint64_t intern_size(const intern *table);
/* Bytes of all values one behind the other. */
PYTHON const uint8_t *intern_bytes(const intern *table);
/* Where each value starts; one more than there are values. */
PYTHON const uint32_t *intern_starts(const intern *table);
/* Place of a value, which is added if it is new; FAILED without memory. */
int64_t intern_place(intern *table, const void *bytes, uint32_t size);
/* The same in three steps, so that many look-ups wait for memory at once: hash, then `intern_near`, then the place. */
uint64_t intern_hash(const intern *table, const void *bytes, uint32_t size);
void intern_near(const intern *table, uint64_t hash);
int64_t intern_hashed(intern *table, const void *bytes, uint32_t size, uint64_t hash);
/* Two numbers as one that neither of them tells. */
static inline uint64_t mixed(uint64_t a, uint64_t b) {
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}
/* Hash of bytes under a seed. Nobody outside can choose colliding values without it. */
uint64_t hashed(const void *bytes, uint32_t size, uint64_t seed);
/* Keyed hash of bytes, stable for a key; never 0. */
uint64_t keyed(const uint8_t *bytes, uint32_t size, const uint64_t key[2]);
/* SipHash-2-4 of two words. */
uint64_t siphash(uint64_t first, uint64_t second, const uint64_t key[2]);

/* What becomes of a value. */
enum { TEXT, THIRD_SLASH, WEB, COUNT, DIGITS, EPOCH, LOCAL, ISO, FLOW };
/* Where it goes. */
enum { TIME, ACCOUNT, CLIENT, NAME, ADDRESS, APPLICATION, AGENT, MARK, TEXTS, UP = TEXTS, DOWN, FLOWS, NOWHERE, MARKS };
enum { MARKS_MAX = 4, FROM_MAX = 6, FIELDS_MAX = 16, WHEN_MAX = 4, PLANS_MAX = 10, VALUES_MAX = 32, NULLS_MAX = 3 };

typedef struct {
    uint8_t op, slot, quoted, count; /* `quoted`: may stand in quotes */
    uint8_t from[FROM_MAX];          /* values; the first that is not null counts */
} field;

typedef struct {
    uint8_t value;
    int8_t size; /* of the text that the value must equal; NONE or ANY */
    char is[22];
} condition;
enum { NONE = -1, ANY = -2 };

/* How the values of one kind of record are taken. The first plan whose conditions all hold is used. */
typedef struct {
    uint8_t kind, whens, fields;
    condition when[WHEN_MAX];
    field field[FIELDS_MAX];
} plan;
enum { ROW, IDLE, ODD };

typedef struct {
    uint8_t separator, quote, padded, comment; /* `padded`: blanks may follow the first separator */
    uint8_t null_count, values, plan_count, utf8;
    uint32_t least, most;       /* fields that a line must have, and after which nothing is wanted */
    int32_t column[VALUES_MAX]; /* of each value, ascending; delimited lines only */
    uint8_t null_size[NULLS_MAX];
    char null[NULLS_MAX][13];
    plan plan[PLANS_MAX];
    uint64_t key[2]; /* of FLOW */
    const void *json; /* the tree of keys; JSON lines only */
} layout;

/* One row a line that was understood, and the lines that were not. Arrays have room for every line of the block. */
typedef struct {
    intern *of[TEXTS];
    intern *marks;
    uint32_t *code[TEXTS]; /* place + 1; 0 for null */
    int64_t *up, *down;    /* -1 for null */
    uint64_t *flow;        /* 0 for null */
    uint32_t *start, *line; /* of the row's line in the block, and its number from 0 */
    uint32_t *odd_start, *odd_end, *odd_line;
    uint64_t rows, odd, idle, lines;
    uint32_t cost[TEXTS]; /* bytes of memory that a distinct value takes elsewhere */
    uint64_t most, used;  /* cost of all values after which reading stops, and the bytes of the block that were read */
} rows;

/* Which columns rows fill, by view and stretch of time (filled.c). */
enum { FILLED_COLUMNS = 9, FILLED_TOGETHER = 256 };
typedef struct {
    int64_t start; /* of the stretch of time, in seconds since 1970 */
    int32_t day, view;
    uint64_t records, filled[FILLED_COLUMNS];
} filled;
typedef struct {
    const int64_t *start; /* what Python says of each place + 1; 0 is null */
    const int32_t *day;
    const int8_t *view; /* -1: no event */
    const uint8_t *name, *address, *application;
    const rows *in;
    const uint8_t *state;
    filled *groups, *last; /* in order of first occurrence, with room for `room` */
    uint32_t *slots;       /* `mask` + 1 zeros, a power of two, at least twice `room` */
    uint64_t room, count, mask;
    uint64_t first, end; /* the first row that counts, and the one after the last; 0 where none does */
} filling;
/* Counts rows; FILLED_TOGETHER at a time, just before they are summed, so that memory is read once. 0, or FAILED. */
int fill(filling *f, uint64_t from, uint64_t end);

/* Reads a block to its end, or until it is full; 0, or FAILED. */
PYTHON int read_delimited(const uint8_t *block, uint64_t size, const layout *how, rows *out);
PYTHON int read_json(const uint8_t *block, uint64_t size, const layout *how, rows *out);

PYTHON const char *built_from(void);

/* The next line without its end; returns where the line after it starts. */
const uint8_t *next_line(const uint8_t *at, const uint8_t *end, text *line);
enum { NO_RECORD, PLAIN, STRANGE };
/* Whether a line is a record at all, and whether the quick way may read it. */
int looked_at(text line, const layout *how);
/* Rows whose texts are not places yet. */
enum { BATCH = 32, PENDING = TEXTS - 1 + MARKS_MAX, KEY_MAX = 22 };
typedef struct {
    text value;
    uint64_t hash;
} pending;
typedef struct {
    const layout *how;
    const uint8_t *block;
    rows *out;
    uint32_t waiting;
    pending text[PENDING][BATCH];
    uint32_t kind[BATCH];
    uint8_t time[BATCH][KEY_MAX];
} taker;

/* Takes a line's values as a row; ROW, IDLE or ODD. */
int take(taker *t, const text *value);
/* Books a line under what became of it; 0, FAILED, or FULL when the lines after it have to wait. */
int booked(taker *t, int what, text line);
/* Gives the last rows their places; 0, FAILED or FULL. */
int finished(taker *t);
/* Where lines begin with a sign, up to `room` of them. */
PYTHON uint64_t lines_from(const uint8_t *block, uint64_t size, uint8_t sign, uint64_t *out, uint64_t room);
/* Line ends of a block, and whether no byte is above 127. */
PYTHON uint64_t survey(const uint8_t *block, uint64_t size, uint8_t *ascii);

/* Finds the values of a line; ROW or ODD. */
typedef int finder(text line, void *state);
/* Takes every line of a block whose values are found at `value`; 0, or FAILED. */
int each_line(const uint8_t *block, uint64_t size, const layout *how, rows *out, finder *find, void *state,
              const text *value);

#endif

/* SPDX-License-Identifier: EUPL-1.2
 *
 * One JSON object a line. Every byte of a line is checked against the grammar (RFC 8259); a line that breaks it, repeats
 * a wanted key, or says a wanted value with an escape, as an object or as a number that is not whole, is odd.
 */
#include "habits.h"

#include <stdlib.h>

enum { KEYS_MAX = 16, NODES_MAX = 16, DEEPEST = 64, WHOLE_DIGITS = 18 };

typedef struct {
    uint8_t size, value, node; /* what is below the key: a wanted value, or keys that are wanted; else NOTHING */
    char name[21];
} key;

/* An object, or an array of which the first element counts (one key without a name). */
typedef struct {
    uint8_t keys, array;
    key key[KEYS_MAX];
} node;

typedef struct {
    uint8_t nodes, numbers, arrays; /* value that may be a decimal number, value that may be an array; or NOTHING */
    node node[NODES_MAX];
} tree;

typedef struct {
    const tree *tree;
    const uint8_t *at, *end, *limit;
    text value[VALUES_MAX];
    uint32_t said;  /* values met in this line */
    uint32_t known; /* nodes met in this line */
    habits *habits;
    const uint8_t *behind; /* the last value of this line */
    uint32_t before[2];    /* `said` and `known` there */
} scanner;

/* Notes that a value begins here, and what was met on the way from the value before. */
static void begins_here(scanner *s, uint8_t value, int quoted) {
    if (!s->habits) return;
    uint32_t met[2] = {s->said & ~s->before[0], s->known & ~s->before[1]};
    noted(s->habits, (text){s->behind, (uint32_t)(s->at - s->behind)}, value, quoted, met);
    s->before[0] = s->said;
    s->before[1] = s->known;
}

static int any(scanner *s, uint8_t value, uint8_t inside, int depth);

static void blanks(scanner *s) {
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\r')) s->at++;
}

/* A string from behind its opening quote; `escaped` where it has a backslash. Stands behind its closing quote. */
static int string(scanner *s, text *out, int *escaped) {
    const uint8_t *at = s->at, *end = s->end;
    *escaped = 0;
    for (;;) {
#ifdef __SSE2__
        const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), low = _mm_set1_epi8(0x1f);
        int found = 0;
        for (; at < end && s->limit - at >= 16; at += 16) {
            __m128i x = _mm_loadu_si128((const __m128i *)at);
            __m128i hits = _mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, slash));
            int hit = _mm_movemask_epi8(_mm_or_si128(hits, _mm_cmpeq_epi8(_mm_min_epu8(x, low), x)));
            if (hit) {
                at += __builtin_ctz((unsigned)hit);
                found = 1;
                break;
            }
        }
        if (!found)
#endif
            while (at < end && *at != '"' && *at != '\\' && *at >= 0x20) at++;
        if (at >= end || *at < 0x20) return ODD;
        if (*at == '"') break;
        *escaped = 1;
        if (end - at < 2 || !strchr("\"\\/bfnrtu", at[1])) return ODD;
        if (at[1] == 'u') {
            if (end - at < 6) return ODD;
            for (int i = 2; i < 6; i++) {
                uint8_t c = at[i] | 0x20;
                if (!(at[i] >= '0' && at[i] <= '9') && !(c >= 'a' && c <= 'f')) return ODD;
            }
            if ((at[2] | 0x20) == 'd' && at[3] >= '8') return ODD; /* half of a pair: what follows must be the other */
            at += 4;
        }
        at += 2;
    }
    *out = (text){s->at, (uint32_t)(at - s->at)};
    s->at = at + 1;
    return ROW;
}

static int digits(scanner *s) {
    const uint8_t *first = s->at;
    while (s->at < s->end && *s->at >= '0' && *s->at <= '9') s->at++;
    return s->at > first;
}

static int number(scanner *s, uint8_t value) {
    const uint8_t *first = s->at;
    int whole = 1;
    if (*s->at == '-') s->at++, whole = 0;
    const uint8_t *zero = s->at;
    if (!digits(s) || (*zero == '0' && s->at - zero > 1)) return ODD;
    if (s->at < s->end && *s->at == '.') {
        whole = 0;
        s->at++;
        if (!digits(s)) return ODD;
    }
    int decimal = *first != '-';
    if (s->at < s->end && (*s->at | 0x20) == 'e') {
        whole = decimal = 0;
        s->at++;
        if (s->at < s->end && (*s->at == '+' || *s->at == '-')) s->at++;
        if (!digits(s)) return ODD;
    }
    if (value == NOTHING) return ROW;
    if (value == s->tree->numbers ? !decimal : (!whole || s->at - first > WHOLE_DIGITS)) return ODD;
    s->value[value] = (text){first, (uint32_t)(s->at - first)};
    return ROW;
}

static int word(scanner *s, const char *is, uint8_t value, int null) {
    size_t size = strlen(is);
    if ((size_t)(s->end - s->at) < size || memcmp(s->at, is, size)) return ODD;
    if (value != NOTHING && !null) s->value[value] = (text){s->at, (uint32_t)size};
    s->at += size;
    return ROW;
}

/* A value of one word or number. */
static int single(scanner *s, uint8_t value) {
    switch (*s->at) {
        case 't': return word(s, "true", value, 0);
        case 'f': return word(s, "false", value, 0);
        case 'n': return word(s, "null", value, 1);
        default: return number(s, value);
    }
}

static const key *wanted(const node *n, text name) {
    for (int i = 0; i < n->keys; i++)
        if (n->key[i].size == name.size && n->key[i].name[0] == (char)name.at[0] &&
            !memcmp(n->key[i].name, name.at, name.size))
            return &n->key[i];
    return NULL;
}

static int member(scanner *s, const key *k, int depth) {
    uint8_t value = k ? k->value : NOTHING, inside = k ? k->node : NOTHING;
    if (value != NOTHING) {
        if (s->said >> value & 1) return ODD;
        s->said |= 1u << value;
    }
    if (inside != NOTHING) {
        if (s->known >> inside & 1) return ODD;
        s->known |= 1u << inside;
    }
    return any(s, value, inside, depth);
}

static int object(scanner *s, uint8_t inside, int depth) {
    const node *n = inside == NOTHING || s->tree->node[inside].array ? NULL : &s->tree->node[inside];
    s->at++;
    blanks(s);
    if (s->at < s->end && *s->at == '}') return s->at++, ROW;
    for (;;) {
        text name;
        int escaped;
        blanks(s);
        if (s->at >= s->end || *s->at++ != '"' || string(s, &name, &escaped)) return ODD;
        if (n && escaped) return ODD;
        blanks(s);
        if (s->at >= s->end || *s->at++ != ':') return ODD;
        if (member(s, n ? wanted(n, name) : NULL, depth)) return ODD;
        blanks(s);
        if (s->at >= s->end) return ODD;
        if (*s->at == '}') return s->at++, ROW;
        if (*s->at++ != ',') return ODD;
    }
}

static int array(scanner *s, uint8_t inside, int depth) {
    const node *n = inside == NOTHING || !s->tree->node[inside].array ? NULL : &s->tree->node[inside];
    const key *first = n ? &n->key[0] : NULL;
    s->at++;
    blanks(s);
    if (s->at < s->end && *s->at == ']') return s->at++, ROW;
    for (;;) {
        if (member(s, first, depth)) return ODD;
        first = NULL;
        blanks(s);
        if (s->at >= s->end) return ODD;
        if (*s->at == ']') return s->at++, ROW;
        if (*s->at++ != ',') return ODD;
    }
}

static int any(scanner *s, uint8_t value, uint8_t inside, int depth) {
    text found;
    int escaped;
    blanks(s);
    if (s->at >= s->end || depth > DEEPEST) return ODD;
    switch (*s->at) {
        case '"':
            s->at++;
            begins_here(s, value, 1);
            if (string(s, &found, &escaped)) return ODD;
            s->behind = s->at;
            if (value == NOTHING) return ROW;
            s->value[value] = found;
            return escaped ? ODD : ROW;
        case '{': return value != NOTHING ? ODD : object(s, inside, depth + 1);
        case '[':
            if (value != NOTHING && value != s->tree->arrays) return ODD;
            if (value != NOTHING) s->habits = NULL; /* taken as it is written: not one value after the other */
            found.at = s->at;
            if (array(s, inside, depth + 1)) return ODD;
            if (value != NOTHING) s->value[value] = (text){found.at, (uint32_t)(s->at - found.at)};
            return ROW;
        default:
            begins_here(s, value, 0);
            if (single(s, value)) return ODD;
            s->behind = s->at;
            return ROW;
    }
}

/* Reads the line by the grammar. */
static int by_grammar(scanner *s, text line) {
    s->at = s->behind = line.at;
    s->said = s->before[0] = s->before[1] = 0;
    s->known = 1;
    memset(s->value, 0, sizeof s->value);
    if (*s->at != '{' || object(s, 0, 0)) return ODD;
    blanks(s);
    if (s->at != s->end) return ODD;
    if (s->habits) learned(s->habits, (text){s->behind, (uint32_t)(s->end - s->behind)});
    return ROW;
}

/* Reads the line as lines before it were; 0 where it is another, and nothing is said of it. */
static int by_habit(scanner *s, text line, const habits *h) {
    const step *at = h->step;
    s->at = line.at;
    s->said = s->known = 0;
    memset(s->value, 0, sizeof s->value);
    for (;;) {
        at = next_step(h, at, s->at, s->end, s->limit);
        if (!at || s->said & at->met[0] || s->known & at->met[1]) return 0;
        s->said |= at->met[0];
        s->known |= at->met[1];
        s->at += at->size;
        if (at->last) return 1;
        if (at->quoted) {
            text found;
            int escaped;
            if (string(s, &found, &escaped) || (escaped && at->value != NOTHING)) return 0;
            if (at->value != NOTHING) s->value[at->value] = found;
        } else if (s->at >= s->end || single(s, at->value)) {
            return 0;
        }
    }
}

typedef struct {
    scanner scanner;
    habits habits;
} reader;

static int whole(text line, void *state) {
    reader *r = state;
    scanner *s = &r->scanner;
    s->end = line.at + line.size;
    s->habits = useful(&r->habits) ? &r->habits : NULL;
    if (s->habits && by_habit(s, line, s->habits)) return r->habits.met++, ROW;
    return by_grammar(s, line);
}

int read_json(const uint8_t *block, uint64_t size, const layout *how, rows *out) {
    reader *r = calloc(1, sizeof *r);
    if (!r) return FAILED;
    r->scanner.tree = how->json;
    r->scanner.limit = block + size;
    r->habits.steps = 1;
    int status = each_line(block, size, how, out, whole, r, r->scanner.value);
    free(r);
    return status;
}

/* SPDX-License-Identifier: EUPL-1.2
 *
 * Rows of one block brought together: what each is about, then sums by thing, actor, unit, view, kind and day.
 */
#include "native.h"

#include <stdlib.h>

enum { EXCLUDED = -2, HOSTED = 1, ADDRESSED = 2, PRIVATE = 4, STRANGE_NAME = 8, PROGRAM = 1, FOLLOWS = 2, OF_NAME = 1u << 31 };

/* What Python says of each place + 1; 0 is null. */
typedef struct {
    const int32_t *day;
    const uint8_t *day_odd;
    const int8_t *view; /* -1: no event */
    const uint8_t *blocked, *mark_odd;
    const uint64_t *account_word, *client_word;
    const int32_t *account_unit, *client_unit;
    const uint8_t *agent, *name, *address, *application; /* flags; `application`: it is a label */
    const uint64_t *thing_name, *thing_domain;
    const uint8_t *thing_bucket, *thing_never;
    int32_t unit, kind; /* of records that nothing assigns; kind of every actor, or -1 */
    uint8_t of_account, of_client, of_nobody, view_flow;
    uint64_t key[2];
} tables;

/* Columns of sums, with room for every row. `nobody`: the actor is null; `known`: 1 bytes up, 2 bytes down. */
typedef struct {
    uint64_t *flow, *name, *domain, *actor;
    int64_t *up, *down;
    int32_t *unit, *day;
    uint32_t *events, *blocked;
    uint8_t *bucket, *view, *kind, *known, *program, *internal, *nobody;
    uint64_t count;
} columns;

typedef struct {
    uint64_t idle, dropped, unassigned;
    columns windows, flows, hosts;
    uint8_t *occurs; /* things that are kept */
    filling *fills;
} sums;

enum { EVENT = 0 };

/* What each row is about (a thing: host, or address, with a label), and whether it is an event at all. */
PYTHON int tell(const uint8_t *block, uint64_t size, const tables *by, rows *in, intern *things, uint32_t *thing, uint8_t *state) {
    for (uint64_t row = 0; row < in->rows; row++) {
        uint32_t mark = in->code[MARK][row], time = in->code[TIME][row];
        thing[row] = 0;
        if (by->mark_odd[mark] || by->name[in->code[NAME][row]] & STRANGE_NAME || (by->view[mark] >= 0 && by->day_odd[time])) {
            const uint8_t *at = block + in->start[row];
            text line;
            next_line(at, block + size, &line);
            in->odd_start[in->odd] = in->start[row];
            in->odd_end[in->odd] = in->start[row] + line.size;
            in->odd_line[in->odd++] = in->line[row];
            state[row] = ODD;
            continue;
        }
        state[row] = IDLE;
        if (by->view[mark] < 0) continue;
        uint32_t name = in->code[NAME][row], address = in->code[ADDRESS][row], label = in->code[APPLICATION][row];
        uint32_t key[3] = {0};
        if (by->name[name] & HOSTED) key[0] = name;
        else if (by->address[address] & ADDRESSED) key[1] = address;
        else if (by->name[name] & ADDRESSED) key[1] = name | OF_NAME;
        if (by->application[label]) key[2] = label;
        if (!(key[0] | key[1] | key[2])) continue;
        int64_t place = intern_place(things, key, sizeof key);
        if (place < 0) return FAILED;
        thing[row] = (uint32_t)place + 1;
        state[row] = EVENT;
    }
    return 0;
}

typedef struct {
    uint64_t what, slot, actor; /* `actor`: its pseudonym at the domain of the thing */
    int64_t up, down;
    uint32_t events, blocked;
    uint8_t known, program, internal;
} group;

typedef struct {
    group *groups;
    uint32_t *slots;
    uint64_t mask, count;
} grouped;

/* The actor's word is keyed with the domain, so that no two domains can be joined; 0 for nobody. */
static uint64_t pseudonym(const tables *by, uint64_t what) {
    uint32_t thing = (uint32_t)(what >> 32), actor = (uint32_t)what;
    uint64_t word = actor & 1 ? by->account_word[actor >> 1] : by->client_word[actor >> 1];
    return actor ? siphash(word, by->thing_domain[thing], by->key) : 0;
}

static group *found(grouped *g, const tables *by, uint64_t what, uint64_t slot) {
    uint64_t pair[2] = {what, slot}, i = hashed(pair, sizeof pair, 0x51ed270b) & g->mask;
    for (; g->slots[i]; i = (i + 1) & g->mask) {
        group *old = &g->groups[g->slots[i] - 1];
        if (old->what == what && old->slot == slot) return old;
    }
    group *fresh = &g->groups[g->count++];
    *fresh = (group){.what = what, .slot = slot, .actor = pseudonym(by, what)};
    g->slots[i] = (uint32_t)g->count;
    return fresh;
}

/* A row of a column table. */
static void written(columns *c, const tables *by, const group *g) {
    uint32_t thing = (uint32_t)(g->what >> 32), actor = (uint32_t)g->what;
    uint64_t i = c->count++;
    c->name[i] = by->thing_name[thing];
    c->bucket[i] = by->thing_bucket[thing];
    c->nobody[i] = !actor;
    c->actor[i] = g->actor;
    c->kind[i] = g->slot & 0xf;
    c->view[i] = g->slot >> 4 & 0xf;
    if (c->domain) c->domain[i] = by->thing_domain[thing];
    if (!c->day) return;
    c->unit[i] = (int32_t)(g->slot >> 8 & 0xffffff);
    c->day[i] = (int32_t)(g->slot >> 32);
    c->events[i] = g->events;
    c->blocked[i] = g->blocked;
    c->up[i] = g->up;
    c->down[i] = g->down;
    c->known[i] = g->known;
    c->program[i] = g->program;
    c->internal[i] = g->internal;
}

static int32_t unit_of(const tables *by, uint32_t account, uint32_t client) {
    int32_t by_account = by->account_unit[account], by_client = by->client_unit[client];
    if (by_client == EXCLUDED) return EXCLUDED;
    int32_t unit = by_account != -1 ? by_account : by_client;
    return unit != -1 ? unit : by->unit;
}

static void add(group *g, const rows *in, uint64_t row, int blocked, uint8_t program, uint8_t internal) {
    g->blocked += (uint32_t)blocked;
    g->events += (uint32_t)!blocked;
    if (in->up[row] >= 0) g->up = (int64_t)((uint64_t)g->up + (uint64_t)in->up[row]), g->known |= 1;
    if (in->down[row] >= 0) g->down = (int64_t)((uint64_t)g->down + (uint64_t)in->down[row]), g->known |= 2;
    g->program |= program;
    g->internal |= internal;
}

PYTHON int summed(const tables *by, const rows *in, const uint32_t *thing, const uint8_t *state, sums *out) {
    grouped g = {.mask = 1023};
    while (g.mask < in->rows * 2) g.mask = g.mask * 2 + 1;
    g.slots = calloc(g.mask + 1, sizeof *g.slots);
    g.groups = malloc((in->rows + 1) * sizeof *g.groups);
    if (!g.slots || !g.groups) {
        free(g.slots);
        free(g.groups);
        return FAILED;
    }
    int failed = 0;
    for (uint64_t row = 0; row < in->rows; row++) {
        if (row % FILLED_TOGETHER == 0) {
            uint64_t left = in->rows - row;
            failed = fill(out->fills, row, row + (left < FILLED_TOGETHER ? left : FILLED_TOGETHER));
            if (failed) break;
        }
        if (state[row] == ODD) continue;
        if (state[row] == IDLE) {
            out->idle++;
            continue;
        }
        uint32_t account = in->code[ACCOUNT][row], client = in->code[CLIENT][row], mark = in->code[MARK][row];
        uint32_t name = in->code[NAME][row], address = in->code[ADDRESS][row], what = thing[row];
        int32_t unit = unit_of(by, account, client);
        if (unit == EXCLUDED || by->thing_never[what]) {
            out->dropped++;
            continue;
        }
        if (unit < 0) {
            out->unassigned++;
            continue;
        }
        out->occurs[what] = 1;
        uint8_t agent = by->agent[in->code[AGENT][row]], hosted = by->name[name] & HOSTED, view = (uint8_t)by->view[mark];
        uint8_t internal = by->address[address] & ADDRESSED ? by->address[address] & PRIVATE
                           : by->name[name] & ADDRESSED    ? by->name[name] & PRIVATE
                                                           : 0;
        uint32_t actor = agent & FOLLOWS ? 0 : account ? account << 1 | 1 : client << 1;
        int32_t kind = by->kind >= 0 ? by->kind : account ? by->of_account : client ? by->of_client : by->of_nobody;
        uint64_t who = (uint64_t)what << 32 | actor;
        uint64_t slot = (uint64_t)(uint32_t)by->day[in->code[TIME][row]] << 32 | (uint64_t)(uint32_t)unit << 8 |
                        (uint64_t)view << 4 | (uint64_t)(uint32_t)kind;
        int waits = view == by->view_flow && in->flow[row] && !hosted;
        group single = {.what = who, .slot = slot};
        if (waits) single.actor = pseudonym(by, who);
        group *g_row = waits ? &single : found(&g, by, who, slot);
        add(g_row, in, row, by->blocked[mark], agent & PROGRAM, !!internal);
        if (waits) {
            out->flows.flow[out->flows.count] = in->flow[row];
            written(&out->flows, by, &single);
        } else if (in->flow[row] && hosted && view != by->view_flow) {
            out->hosts.flow[out->hosts.count] = in->flow[row];
            written(&out->hosts, by, g_row);
        }
    }
    for (uint64_t i = 0; i < g.count; i++) written(&out->windows, by, &g.groups[i]);
    free(g.slots);
    free(g.groups);
    return failed;
}

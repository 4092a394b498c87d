/* SPDX-License-Identifier: EUPL-1.2
 *
 * Rows of one block brought together: sums by thing, actor, unit, view, kind and day, in the order of the things' names.
 */
#include "tables.h"

#include <stdlib.h>

/* One row of the sums. `slot` is the place of its day, unit, view and kind among the distinct ones. */
typedef struct {
    uint64_t what, actor; /* thing, then who; `actor`: the pseudonym at the domain of the thing */
    int64_t up, down;
    uint32_t slot, events, blocked;
    uint8_t known, flags;
} group;

/* Memory that is used again for the next block. */
typedef struct {
    group *groups;
    uint32_t *slots, *place; /* `place`: of each thing's next row, while rows are put in order */
    uint64_t count, room, mask, width, things; /* `width`: of `slots`, of which `mask` + 1 are used */
} work;

PYTHON work *work_new(void) { return calloc(1, sizeof(work)); }

PYTHON void work_free(work *w) {
    if (!w) return;
    free(w->groups);
    free(w->slots);
    free(w->place);
    free(w);
}

/* Empty, with room for so many rows in the hash table; groups grow as they come. */
static int emptied(work *w, uint64_t rows) {
    w->mask = 1023;
    while (w->mask < rows * 2) w->mask = w->mask * 2 + 1;
    if (w->mask >= w->width) {
        free(w->slots);
        w->width = 0;
        w->slots = malloc((w->mask + 1) * sizeof *w->slots);
        if (!w->slots) return FAILED;
        w->width = w->mask + 1;
    }
    memset(w->slots, 0, (w->mask + 1) * sizeof *w->slots);
    w->count = 0;
    return 0;
}

/* The actor's word is keyed with the domain, so that no two domains can be joined; 0 for nobody. */
static uint64_t pseudonym(const tables *by, uint64_t what) {
    uint32_t thing = (uint32_t)(what >> 32), actor = (uint32_t)what;
    uint64_t word = actor & 1 ? by->account_word[actor >> 1] : by->client_word[actor >> 1];
    return actor ? siphash(word, by->thing_domain[thing], by->key) : 0;
}

static group *found(work *w, const tables *by, uint64_t what, uint32_t slot) {
    uint64_t i = mixed(what ^ 0xa0761d6478bd642fULL, slot ^ 0xe7037ed1a0b428dbULL) & w->mask;
    for (; w->slots[i]; i = (i + 1) & w->mask) {
        group *old = &w->groups[w->slots[i] - 1];
        if (old->what == what && old->slot == slot) return old;
    }
    if (w->count == w->room) {
        uint64_t room = w->room ? 2 * w->room : 1 << 14;
        group *groups = realloc(w->groups, room * sizeof *groups);
        if (!groups) return NULL;
        w->groups = groups;
        w->room = room;
    }
    group *fresh = &w->groups[w->count++];
    *fresh = (group){.what = what, .slot = slot, .actor = pseudonym(by, what)};
    w->slots[i] = (uint32_t)w->count;
    return fresh;
}

static int32_t unit_of(const tables *by, uint32_t account, uint32_t client) {
    int32_t by_account = by->account_unit[account], by_client = by->client_unit[client];
    if (by_client == EXCLUDED) return EXCLUDED;
    int32_t unit = by_account != -1 ? by_account : by_client;
    return unit != -1 ? unit : by->unit;
}

static void add(group *g, const rows *in, uint64_t row, int blocked, uint8_t flags) {
    g->blocked += (uint32_t)blocked;
    g->events += (uint32_t)!blocked;
    if (in->up[row] >= 0) g->up = (int64_t)((uint64_t)g->up + (uint64_t)in->up[row]), g->known |= 1;
    if (in->down[row] >= 0) g->down = (int64_t)((uint64_t)g->down + (uint64_t)in->down[row]), g->known |= 2;
    g->flags |= flags;
}

/* A row of a table of sums. */
static void written(sums *s, uint64_t i, const group *g) {
    s->actor[i] = g->actor;
    s->up[i] = g->up;
    s->down[i] = g->down;
    s->slot[i] = g->slot;
    s->events[i] = g->events;
    s->blocked[i] = g->blocked;
    s->known[i] = g->known;
    s->flags[i] = g->flags;
}

static void waits(flows *f, uint64_t flow, const group *g) {
    uint64_t i = f->sums.count++;
    f->flow[i] = flow;
    f->thing[i] = (uint32_t)(g->what >> 32);
    written(&f->sums, i, g);
}

static void heard(hosts *h, uint64_t flow, const group *g, uint8_t view, int32_t kind) {
    uint64_t i = h->count++;
    h->flow[i] = flow;
    h->actor[i] = g->actor;
    h->thing[i] = (uint32_t)(g->what >> 32);
    h->said[i] = (uint8_t)(view << 4 | kind);
}

/* Adds up the rows of a block; flows and hosts that wait for each other are written down as they come. */
PYTHON int summed(work *w, const tables *by, const rows *in, const uint32_t *thing, const uint8_t *state, intern *slots, given *out) {
    uint64_t last = 0, told = 0;
    int64_t slot = FAILED;
    if (emptied(w, in->rows)) return FAILED;
    for (uint64_t row = 0; row < in->rows; row++) {
        if (row % FILLED_TOGETHER == 0) {
            uint64_t left = in->rows - row;
            if (fill(out->fills, row, row + (left < FILLED_TOGETHER ? left : FILLED_TOGETHER))) return FAILED;
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
        uint8_t flags = (uint8_t)((agent & PROGRAM ? PROGRAM : 0) | (internal ? INTERNAL : 0));
        uint32_t actor = agent & FOLLOWS ? 0 : account ? account << 1 | 1 : client << 1;
        int32_t kind = by->kind >= 0 ? by->kind : account ? by->of_account : client ? by->of_client : by->of_nobody;
        uint64_t who = (uint64_t)what << 32 | actor;
        told = (uint64_t)(uint32_t)by->day[in->code[TIME][row]] << 32 | (uint64_t)(uint32_t)unit << 8 |
               (uint64_t)view << 4 | (uint64_t)(uint32_t)kind;
        if (slot < 0 || told != last) slot = intern_place(slots, &told, sizeof told), last = told;
        if (slot < 0) return FAILED;
        int alone = view == by->view_flow && in->flow[row] && !hosted;
        group single = {.what = who, .slot = (uint32_t)slot};
        if (alone) single.actor = pseudonym(by, who);
        group *g = alone ? &single : found(w, by, who, (uint32_t)slot);
        if (!g) return FAILED;
        add(g, in, row, by->blocked[mark], flags);
        if (alone) waits(&out->flows, in->flow[row], g);
        else if (in->flow[row] && hosted && view != by->view_flow) heard(&out->hosts, in->flow[row], g, view, kind);
    }
    out->rows = w->count;
    return 0;
}

/* The sums in the order of their things, with `name`, `bucket` and `count` (its rows) of each name. */
PYTHON int ordered(work *w, const tables *by, const uint32_t *order, uint64_t things, names *named, sums *out) {
    if (things >= w->things) {
        free(w->place);
        w->things = 0;
        w->place = malloc((2 * things + 1) * sizeof *w->place);
        if (!w->place) return FAILED;
        w->things = 2 * things + 1;
    }
    memset(w->place, 0, (things + 1) * sizeof *w->place);
    for (uint64_t i = 0; i < w->count; i++) w->place[w->groups[i].what >> 32]++;
    uint32_t first = 0;
    for (uint64_t i = 0; i < things; i++) {
        uint32_t thing = order[i], count = w->place[thing];
        if (!count) continue;
        w->place[thing] = first;
        first += count;
        int again = named->count && named->name[named->count - 1] == by->thing_name[thing];
        if (!again) {
            named->name[named->count] = by->thing_name[thing];
            named->bucket[named->count] = by->thing_bucket[thing];
            named->rows[named->count++] = 0;
        }
        named->rows[named->count - 1] += count;
    }
    uint32_t *row = w->slots; /* what was looked up there is no longer needed, and there is room for every group */
    for (uint64_t i = 0; i < w->count; i++) row[w->place[w->groups[i].what >> 32]++] = (uint32_t)i;
    for (uint64_t i = 0; i < w->count; i++) written(out, i, &w->groups[row[i]]);
    out->count = w->count;
    return 0;
}

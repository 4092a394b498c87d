/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which columns the rows of a block fill, by view and stretch of time: for who asks whether a source still says all it said.
 */
#include "native.h"

enum { READ_ANOTHER_WAY = 2, HOSTED = 1, COLUMNS = FILLED_COLUMNS };

/* The group of a row; NULL when there is no room for it. */
static filled *group_of(filling *f, uint64_t row) {
    int32_t view = f->view[f->in->code[MARK][row]];
    uint32_t time = f->in->code[TIME][row];
    int64_t start = f->start[time];
    if (f->last && f->last->start == start && f->last->view == view) return f->last;
    uint64_t i = ((uint64_t)start * 8 + (uint64_t)view) * 0x9e3779b97f4a7c15u >> 20 & f->mask;
    for (; f->slots[i]; i = (i + 1) & f->mask) {
        filled *known = &f->groups[f->slots[i] - 1];
        if (known->start == start && known->view == view) return f->last = known;
    }
    if (f->count == f->room) return NULL;
    f->last = &f->groups[f->count++];
    *f->last = (filled){.start = start, .day = f->day[time], .view = view};
    f->slots[i] = (uint32_t)f->count;
    return f->last;
}

static int counts(const filling *f, uint64_t row) {
    return f->view[f->in->code[MARK][row]] >= 0 && f->state[row] != READ_ANOTHER_WAY;
}

/* Rows from `row` up to `end` that are of the same group and count. */
static uint32_t alike(const filling *f, uint64_t row, uint64_t end) {
    const uint32_t *mark = f->in->code[MARK], *time = f->in->code[TIME];
    uint64_t most = end - row, n = 1;
    int8_t view = f->view[mark[row]];
    while (n < most && time[row + n] == time[row] && f->view[mark[row + n]] == view && f->state[row + n] != READ_ANOTHER_WAY) n++;
    return (uint32_t)n;
}

static uint32_t of_texts(const uint32_t *codes, uint32_t n) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < n; i++) sum += codes[i] > 0;
    return sum;
}

static uint32_t of_numbers(const int64_t *numbers, uint32_t n) {
    uint64_t null = 0;
    for (uint32_t i = 0; i < n; i++) null += (uint64_t)numbers[i] >> 63;
    return n - (uint32_t)null;
}

static void add(filled *g, const filling *f, uint64_t row, uint32_t n) {
    const rows *in = f->in;
    const uint32_t *name = in->code[NAME] + row, *address = in->code[ADDRESS] + row, *label = in->code[APPLICATION] + row;
    uint32_t hosted = 0, addressed = 0, labelled = 0, connected = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t known = f->name[name[i]];
        hosted += known & HOSTED;
        addressed += (known | f->address[address[i]]) >> 1 & 1;
    }
    for (uint32_t i = 0; i < n; i++) labelled += f->application[label[i]];
    for (uint32_t i = 0; i < n; i++) connected += in->flow[row + i] > 0;
    uint32_t sums[COLUMNS] = {
        of_texts(in->code[ACCOUNT] + row, n), of_texts(in->code[CLIENT] + row, n), of_texts(in->code[AGENT] + row, n),
        hosted, addressed, labelled, of_numbers(in->up + row, n), of_numbers(in->down + row, n), connected,
    };
    g->records += n;
    for (int i = 0; i < COLUMNS; i++) g->filled[i] += sums[i];
}

int fill(filling *f, uint64_t from, uint64_t end) {
    for (uint64_t row = from, n = 1; row < end; row += n, n = 1) {
        if (!counts(f, row)) continue;
        filled *g = group_of(f, row);
        if (!g) return FAILED;
        n = alike(f, row, end);
        add(g, f, row, (uint32_t)n);
        if (!f->end) f->first = row;
        f->end = row + n;
    }
    return 0;
}

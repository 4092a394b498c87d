/* SPDX-License-Identifier: EUPL-1.2
 *
 * What Python says of each distinct text, and the columns that rows are added up to. Shared by things.c and sums.c.
 */
#ifndef LEITPLANKE_TABLES_H
#define LEITPLANKE_TABLES_H

#include "native.h"

enum { EXCLUDED = -2, HOSTED = 1, ADDRESSED = 2, PRIVATE = 4, STRANGE_NAME = 8, PROGRAM = 1, FOLLOWS = 2, INTERNAL = 2 };
enum { EVENT = 0 };

/* Of each place + 1; 0 is null. */
typedef struct {
    const int32_t *day;
    const uint8_t *day_odd;
    const int8_t *view; /* -1: no event */
    const uint8_t *blocked, *mark_odd;
    const uint64_t *account_word, *client_word;
    const int32_t *account_unit, *client_unit;
    const uint8_t *agent, *name, *address, *application; /* flags; `application`: it is a label */
    uint32_t *name_thing, *address_thing; /* what they are without a label, once it was asked for */
    const uint64_t *thing_name, *thing_domain;
    const uint8_t *thing_bucket, *thing_never;
    int32_t unit, kind; /* of records that nothing assigns; kind of every actor, or -1 */
    uint8_t of_account, of_client, of_nobody, view_flow;
    uint64_t key[2];
} tables;

/* Columns of sums. `known`: 1 bytes up, 2 bytes down; `flags`: PROGRAM, INTERNAL. */
typedef struct {
    uint64_t *actor; /* 0 for nobody */
    int64_t *up, *down;
    uint32_t *slot, *events, *blocked;
    uint8_t *known, *flags;
    uint64_t count;
} sums;

typedef struct {
    uint64_t *name;
    uint8_t *bucket;
    uint32_t *rows;
    uint64_t count;
} names;

typedef struct {
    uint64_t *flow;
    uint32_t *thing;
    sums sums;
} flows;

/* `said`: view and kind of four bits each. */
typedef struct {
    uint64_t *flow, *actor;
    uint32_t *thing;
    uint8_t *said;
    uint64_t count;
} hosts;

typedef struct {
    uint64_t idle, dropped, unassigned, rows; /* `rows`: of the sums, which `ordered` writes down */
    flows flows;
    hosts hosts;
    uint8_t *occurs; /* things that are kept */
    filling *fills;
} given;

#endif

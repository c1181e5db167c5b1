/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Filters without WebAssembly: VMs whose guests are functions of ours, so that
 * a chain can be tried alone, and starved of memory.
 */
#ifndef _HBK_HTTP_TESTS_PUPPET_H
#define _HBK_HTTP_TESTS_PUPPET_H

#include "../../proxy/chain.h"
#include "../../proxy/hub.h"
#include "../../proxy/map.h"
#include "../../proxy/stream.h"
#include "../../proxy/vm.h"
#include "heap.h"

#define PUPPETS_MAX	4
#define TRANSCRIPT_MAX	16384

struct puppet;

/**
 * typedef puppet_guest - a guest: what a callback answers
 * @values: context, then number and end of stream, as the callback has them
 *
 * Return: an action; PUPPET_TRAPS stops the guest.
 */
typedef u32 (*puppet_guest)(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream,
			    const u64 *values);

#define PUPPET_TRAPS	0xffffffffu

struct stage;

/**
 * struct puppet - a VM
 * @guest: NULL: there is no VM
 * @lacks: callbacks that it does not export, one bit each
 * @open: onFailure
 * @last: the stream whose callback ran last
 * @data: the guest's own
 */
struct puppet {
	struct hbk_vm vm;
	struct stage *stage;
	puppet_guest guest;
	u64 lacks;
	bool open;
	u32 index;
	struct hbk_stream *last;
	u32 data;
};

/**
 * struct stage - a chain of puppets
 * @transcript: callbacks as they came, and what came out; not written when @quiet
 */
struct stage {
	struct test_heap heap;
	struct hbk_proxy_ops ops;
	struct hbk_hub hub;
	struct hbk_proxy_env env;
	struct puppet puppets[PUPPETS_MAX];
	u32 count;
	struct hbk_chain *chain;
	bool tls;
	bool quiet;
	bool woken;
	bool locked[PUPPETS_MAX];
	char transcript[TRANSCRIPT_MAX];
	size_t length;
};

void stage_init(struct stage *stage);
void stage_add(struct stage *stage, puppet_guest guest, u64 lacks, bool open);
bool stage_open(struct stage *stage);
void stage_note(struct stage *stage, const char *format, ...) __attribute__((format(printf, 2, 3)));
void stage_push(struct stage *stage, enum hbk_chain_flow flow, const void *data, size_t length, bool end);
void stage_resume(struct stage *stage);
void stage_close(struct stage *stage);

/* For guests. */
struct hbk_map *puppet_map(struct hbk_stream *stream, enum hbk_proxy_map type);
void puppet_add(struct hbk_stream *stream, enum hbk_proxy_map type, const char *name, const char *value);
void puppet_replace(struct hbk_stream *stream, enum hbk_proxy_map type, const char *name, const char *value);
void puppet_remove(struct hbk_stream *stream, enum hbk_proxy_map type, const char *name);
void puppet_body(struct hbk_stream *stream, enum hbk_proxy_buffer type, size_t start, size_t size, const char *text);
void puppet_respond(struct hbk_stream *stream, u32 status, const char *body);

#endif /* _HBK_HTTP_TESTS_PUPPET_H */

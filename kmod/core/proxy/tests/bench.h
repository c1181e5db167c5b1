/* SPDX-License-Identifier: GPL-2.0-only */
/* A place where VMs and chains live in unit tests, and remember what they asked of it. */
#ifndef _HBK_PROXY_TESTS_BENCH_H
#define _HBK_PROXY_TESTS_BENCH_H

#include "../chain.h"
#include "../hub.h"
#include "../stream.h"
#include "../tool/engine.h"

#define BENCH_GUESTS	8

/* A guest and its VM. @tool first: tool_make() looks for it there. */
struct bench_guest {
	struct tool_engine tool;
	struct hbk_vm vm;
	char *bytes;
	u32 locked;
};

/**
 * struct bench - the environment
 * @heap: of chains, VMs and the hub
 * @guests: in the order of bench_add()
 * @chain: of bench_open()
 * @woken: chains that were to be resumed
 * @vms_woken: VMs that were to be called
 * @failures: links that failed
 * @bypasses: of them
 * @log: what was said, a line each
 */
struct bench {
	struct tool_heap heap;
	struct hbk_hub hub;
	struct hbk_proxy_env env;
	struct bench_guest *guests[BENCH_GUESTS];
	u32 count;
	struct hbk_chain *chain;
	u32 woken;
	u32 vms_woken;
	u32 failures;
	u32 bypasses;
	u32 tick;
	char log[4096];
};

struct bench *bench_new(void);
void bench_free(struct bench *bench);

/* The VM of a guest with this plugin configuration, started; its vm_id is its number, "0" and so on. */
struct hbk_vm *bench_add(struct bench *bench, const char *guest, const char *config);
/* The same with a vm_id. */
struct hbk_vm *bench_add_as(struct bench *bench, const char *vm_id, const char *guest, const char *config);
/* A chain of all guests so far; @open has an 'o' for each that may fail, and a '-' for each that is not there. */
void bench_open(struct bench *bench, const char *open, enum hbk_chain_mode mode);

/* Pushes text, and resumes as often as the chain was woken. */
int bench_push(struct bench *bench, enum hbk_chain_flow flow, const char *text, bool end);
void bench_resume(struct bench *bench);
/* Fails the test unless this and nothing else has come out of the flow. */
void bench_expect(struct bench *bench, enum hbk_chain_flow flow, const char *text, bool end);

#endif /* _HBK_PROXY_TESTS_BENCH_H */

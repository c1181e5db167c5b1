// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interpreter: wasm3's compiler and instructions, driven by our validator
 * and working on our instances.
 *
 * Linked with wasm3's m3_code.c, m3_emit.c and m3_compile.c, and with
 * m3_integers.c: the latter two once more for modules without floats, which
 * need no vector register and so no FPU section. Flags that matter for all of
 * them: -fno-strict-aliasing -fwrapv -fno-math-errno and
 * -foptimize-sibling-calls, without which every instruction would take a frame
 * of native stack.
 *
 * Everything is compiled when a module is loaded, and read-only from then on.
 */

#include "interp.h"

#include "interp_ops.h"
#include "validate.h"

#include "m3_env.h"

#define STEPS_SLICE	256	/* instructions compiled between two chances to reschedule: each may look at every slot */
#define CODE_LINES_MAX	(64u << 20 >> 3)	/* words of 8 bytes that a module's code may take */

/* One of wasm3's two compilers. */
struct compiler {
	const char *(*begin)(IM3Compilation o, const struct hbk_wasm_body *body);
	const char *(*instruction)(IM3Compilation o, const struct hbk_wasm_step *step);
	const char *(*end)(IM3Compilation o);
};

static const struct compiler any_compiler = {
	.begin = CompileFunctionBegin,
	.instruction = CompileInstruction,
	.end = CompileFunctionEnd,
};

static const struct compiler integer_compiler = {
	.begin = m3i_CompileFunctionBegin,
	.instruction = m3i_CompileInstruction,
	.end = m3i_CompileFunctionEnd,
};

/* The compiler's state and the visitor that drives it; lives as long as prepare() takes. */
struct work {
	struct hbk_wasm_visitor visitor;
	const struct compiler *compiler;
	struct hbk_wasm_error *error;
	M3Module *module;
	u32 steps;
	M3Runtime runtime;
};

/* Code pages, as m3_emit.c asks for them. */

static IM3CodePage take_page(IM3CodePage *list, u32 lines)
{
	for (; *list; list = &(*list)->info.next) {
		IM3CodePage page = *list;

		if (NumFreeLines(page) >= lines) {
			*list = page->info.next;
			page->info.next = NULL;
			return page;
		}
	}
	return NULL;
}

static IM3CodePage new_page(IM3Runtime runtime, u32 lines)
{
	M3Module *module = runtime->compilation.module;
	IM3CodePage page;

	runtime->full = runtime->numLines + lines > runtime->maxLines;
	if (runtime->full)
		return NULL;
	page = NewCodePage(runtime->heap, lines);
	if (!page)
		return NULL;
	page->info.nextOfModule = module->pages;
	module->pages = page;
	runtime->numLines += page->info.numLines;
	return page;
}

IM3CodePage AcquireCodePageWithCapacity(IM3Runtime runtime, u32 lines)
{
	IM3CodePage page = take_page(&runtime->pagesOpen, lines);

	return page ? page : new_page(runtime, lines);
}

IM3CodePage AcquireCodePage(IM3Runtime runtime)
{
	return AcquireCodePageWithCapacity(runtime, d_m3CodePageFreeLinesThreshold);
}

void ReleaseCodePage(IM3Runtime runtime, IM3CodePage page)
{
	if (NumFreeLines(page) >= d_m3CodePageFreeLinesThreshold)
		PushCodePage(&runtime->pagesOpen, page);
}

/* Compiling. */

static struct work *work_of(struct hbk_wasm_visitor *visitor)
{
	return (struct work *)((u8 *)visitor - offsetof(struct work, visitor));
}

static int verdict(struct work *work, u32 function, u32 offset, M3Result result)
{
	if (!result)
		return 0;
	if (work->runtime.full)
		return hbk_wasm_error_set(work->error, HBK_WASM_LIMIT, offset, function,
					  "the interpreter's code for it takes more than %u MiB",
					  CODE_LINES_MAX >> 20 << 3);
	/* Each unit of wasm3 has its own copies of the texts. */
	if (!strcmp(result, m3Err_mallocFailed) || !strcmp(result, m3Err_mallocFailedCodePage))
		return hbk_wasm_error_failed(work->error, -ENOMEM);
	return hbk_wasm_error_set(work->error, HBK_WASM_LIMIT, offset, function,
				  "too much for the interpreter: %s", result);
}

static int function_begin(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_body *body)
{
	struct work *work = work_of(visitor);
	const struct hbk_wasm_function_def *function = &body->module->functions[body->function];

	return verdict(work, body->function, function->offset,
		       work->compiler->begin(&work->runtime.compilation, body));
}

static int rest(struct work *work)
{
	struct hbk_wasm_heap *heap = work->runtime.heap;
	int err;

	if (++work->steps % STEPS_SLICE || !heap->yield)
		return 0;
	err = heap->yield(heap);
	return err ? hbk_wasm_error_failed(work->error, err) : 0;
}

static int instruction(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_step *step)
{
	struct work *work = work_of(visitor);
	int err = rest(work);

	if (err)
		return err;
	return verdict(work, step->body->function, step->offset,
		       work->compiler->instruction(&work->runtime.compilation, step));
}

static int function_end(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_body *body)
{
	struct work *work = work_of(visitor);
	const struct hbk_wasm_function_def *function = &body->module->functions[body->function];

	return verdict(work, body->function, function->offset,
		       work->compiler->end(&work->runtime.compilation));
}

static void interp_release(const void *code, struct hbk_wasm_heap *heap)
{
	M3Module *module = (M3Module *)code;
	u32 count, i;

	if (!module)
		return;
	count = module->wasm->function_count;
	for (i = 0; module->functions && i < count; i++)
		heap->release(heap, module->functions[i].frame,
			      module->functions[i].numFrameBlocks * d_m3FrameBlock * sizeof(m3slot_t));
	heap->release(heap, module->functions, count * sizeof(*module->functions));
	FreeCodePages(heap, module->pages);
	heap->release(heap, module, sizeof(*module));
}

static int compile(M3Module *module, struct hbk_wasm_heap *heap, struct hbk_wasm_error *error)
{
	struct work *work = heap->allocate(heap, sizeof(*work));
	int err;

	if (!work)
		return hbk_wasm_error_failed(error, -ENOMEM);
	work->visitor.function_begin = function_begin;
	work->visitor.instruction = instruction;
	work->visitor.function_end = function_end;
	work->compiler = module->wasm->features & HBK_WASM_FLOATS ? &any_compiler : &integer_compiler;
	work->error = error;
	work->module = module;
	work->runtime.heap = heap;
	work->runtime.maxLines = CODE_LINES_MAX;
	work->runtime.compilation.runtime = &work->runtime;
	work->runtime.compilation.module = module;
	err = hbk_wasm_visit(module->wasm, &work->visitor, error);
	heap->release(heap, work, sizeof(*work));
	return err;
}

static int interp_prepare(const void **code, const struct hbk_wasm_module *wasm,
			  struct hbk_wasm_heap *heap, struct hbk_wasm_error *error)
{
	M3Module *module = heap->allocate(heap, sizeof(*module));
	int err;

	if (!module)
		return hbk_wasm_error_failed(error, -ENOMEM);
	module->wasm = wasm;
	if (wasm->function_count) {
		module->functions = heap->allocate(heap, wasm->function_count *
						   sizeof(*module->functions));
		if (!module->functions) {
			interp_release(module, heap);
			return hbk_wasm_error_failed(error, -ENOMEM);
		}
	}
	err = compile(module, heap, error);
	if (err) {
		interp_release(module, heap);
		return err;
	}
	*code = module;
	return 0;
}

static void interp_bind(struct hbk_wasm_instance *instance)
{
	const M3Module *code = instance->code;
	u32 i;

	for (i = instance->module->import_counts[HBK_WASM_KIND_FUNCTION];
	     i < instance->module->function_count; i++)
		instance->functions[i].code = code->functions[i].compiled;
}

/* Calls. A frame is room for the results, then the arguments, 64 bits each. */

static u64 clean(u64 value, u8 type)
{
	return type == HBK_WASM_I32 || type == HBK_WASM_F32 ? (u32)value : value;
}

static enum hbk_wasm_trap interp_call(const struct hbk_wasm_function *function, u64 *values)
{
	struct hbk_wasm_instance *instance = function->instance;
	const struct hbk_wasm_type *type = function->type;
	u64 *frame = instance->slots;
	u64 *arguments = frame + type->result_count;
	u32 params = type->param_count;
	m3ret_t result;
	u32 i;

	if (arguments + params > instance->slots_end)
		return HBK_WASM_TRAP_STACK_EXHAUSTED;
	for (i = 0; i < params; i++)
		arguments[i] = values[i];
	if (instance->uses_fpu)
		result = m3_RunCode(function->code, (m3stack_t)frame, instance);
	else
		result = m3i_RunCode(function->code, (m3stack_t)frame, instance);
	instance->levels++;	/* op_Entry has taken it */
	if (unlikely(result))
		return (uintptr_t)result;
	for (i = 0; i < type->result_count; i++)
		values[i] = clean(frame[i], type->results[i]);
	return HBK_WASM_TRAP_NONE;
}

enum hbk_wasm_trap hbk_interp_call_out(struct hbk_wasm_instance *instance,
				       const struct hbk_wasm_function *function, u64 *frame)
{
	const struct hbk_wasm_type *type = function->type;
	u32 results = type->result_count, params = type->param_count;
	u64 *values = frame + results;
	u64 *slots = instance->slots;
	enum hbk_wasm_trap trap;
	u32 i;

	for (i = 0; i < params; i++)
		values[i] = clean(values[i], type->params[i]);
	instance->slots = values + (params > results ? params : results);
	trap = hbk_wasm_call_function(instance, function, values);
	instance->slots = slots;
	memmove(frame, values, results * sizeof(*frame));
	return trap;
}

enum hbk_wasm_trap hbk_interp_table_trap(const struct hbk_wasm_instance *instance, u32 table,
					 const struct hbk_wasm_type *type, u32 index)
{
	enum hbk_wasm_trap trap = HBK_WASM_TRAP_NONE;

	hbk_wasm_table_function(instance, table, type, index, &trap);
	return trap;
}

u64 hbk_interp_memory_grow(struct hbk_wasm_instance *instance, u32 pages)
{
	u32 result = HBK_WASM_GROW_FAILED;
	enum hbk_wasm_trap trap = hbk_wasm_memory_grow(instance, pages, &result);

	return (u64)trap << 32 | result;
}

u64 hbk_interp_table_grow(struct hbk_wasm_instance *instance, u32 table, u64 value, u32 entries)
{
	u32 result = HBK_WASM_GROW_FAILED;
	enum hbk_wasm_trap trap = hbk_wasm_table_grow(instance, table, value, entries, &result);

	return (u64)trap << 32 | result;
}

enum hbk_wasm_trap hbk_interp_memory_init(struct hbk_wasm_instance *instance, u32 segment, u32 memory,
					  u32 to, u32 from, u32 length)
{
	(void)memory;	/* there is only one */
	return hbk_wasm_memory_init(instance, segment, to, from, length);
}

/* The interpreter as a way of running guests. */
const struct hbk_wasm_backend hbk_wasm_interp = {
	.name = "interpreter",
	.kind = HBK_WASM_FUNCTION_INTERP,
	.uses_fpu = true,
	.prepare = interp_prepare,
	.release = interp_release,
	.bind = interp_bind,
	.call = interp_call,
};

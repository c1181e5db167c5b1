// SPDX-License-Identifier: Apache-2.0
/* The benchmarks run by wasm3 0.5.0 as it was released: what our interpreter must not be slower than. */
#include "file.h"
#include "measure.h"
#include "wasm3.h"

#define STACK_SIZE	(64 * 1024)

static void check(M3Result result, const char *name)
{
	if (result)
		errx(1, "%s: wasm3: %s", name, result);
}

static uint32_t run(void *context, uint32_t amount)
{
	const void *arguments[] = { &amount };
	const void *results[] = { &amount };

	check(m3_Call(context, 1, arguments), "call");
	check(m3_GetResults(context, 1, results), "results");
	return amount;
}

static IM3Function load(IM3Environment environment, const char *folder, const char *name)
{
	IM3Runtime runtime = m3_NewRuntime(environment, STACK_SIZE, NULL);
	IM3Function function;
	IM3Module module;
	size_t size;
	uint8_t *bytes = file_read(folder, name, &size);

	check(m3_ParseModule(environment, &module, bytes, size), name);
	check(m3_LoadModule(runtime, module), name);
	check(m3_FindFunction(&function, runtime, "run"), name);
	return function;
}

int main(int argc, char **argv)
{
	IM3Environment environment = m3_NewEnvironment();

	if (argc != 2)
		errx(2, "usage: stock FOLDER");
#define ONE(name, amount)	measure("wasm3-0.5.0", #name, run, load(environment, argv[1], #name), amount);
	BENCH_LIST(ONE)
	measure_calls("wasm3-0.5.0", run, load(environment, argv[1], "nop"));
	return 0;
}

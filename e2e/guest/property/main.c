// SPDX-License-Identifier: Apache-2.0
/* The command: runs episodes until enough steps were made, or two sockets were told apart. */
#define _GNU_SOURCE
#include "property.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WATCHDOG_S	120	/* of one episode: a call has blocked that must not */
#define SHRINKS_MAX	300	/* shorter programs that are tried */
#define SIZES_LOG2	15

volatile int signals_seen;

static struct {
	uint64_t seed, steps, episode;
	const char *without;
	bool one_episode, keep_going, shrink;
	struct ports ports;
	int seconds;
} config = { .seed = 1, .steps = 10000, .shrink = true };

struct program {
	uint64_t seed;		/* of the episode */
	struct step steps[STEPS_MAX];
	int count;
};

/* What the watchdog tells. */
static struct {
	uint64_t episode;
	int step;
	const char *operation;
	const struct step *call;
	int kind;
} at;

void die(const char *what)
{
	fprintf(stderr, "property: %s: %s (seed %" PRIu64 " episode %" PRIu64 " step %d)\n", what,
		strerror(errno), config.seed, at.episode, at.step);
	exit(2);
}

uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

static void on_pipe(int number)
{
	(void)number;
	signals_seen++;
}

static void on_alarm(int number)
{
	(void)number;
	fprintf(stderr, "property: the %s pair's %s is blocked in %s, variant %u size %u argument %u"
		" (seed %" PRIu64 " episode %" PRIu64 " step %d)\n", at.kind == PLAIN ? "plain" : "upgraded",
		at.call->end ? "server" : "client", at.operation, at.call->variant, at.call->size,
		at.call->argument, config.seed, at.episode, at.step);
	_exit(3);
}

/* splitmix64: any two seeds give unrelated numbers. */
static uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static uint32_t random_size(uint64_t *state, bool small)
{
	uint32_t limit = small ? INFLIGHT_SMALL : SEND_MAX;
	uint32_t size = random_next(state) & ((1 << random_next(state) % SIZES_LOG2) * 2 - 1);

	return size < limit ? size : limit;
}

static int random_operation(uint64_t *state)
{
	static unsigned int total;
	unsigned int i, at_weight;

	if (!total)
		for (i = 0; i < operation_count; i++)
			total += operations[i].weight;
	at_weight = random_next(state) % total;
	for (i = 0; at_weight >= operations[i].weight; i++)
		at_weight -= operations[i].weight;
	return i;
}

/* Names in --without are separated by commas. */
static bool is_left_out(const char *name)
{
	const char *found = config.without ? strstr(config.without, name) : NULL;
	size_t length = strlen(name);

	while (found && ((found > config.without && found[-1] != ',') ||
			 (found[length] && found[length] != ',')))
		found = strstr(found + 1, name);
	return found;
}

static void step_choose(struct episode *episode, uint64_t *state, struct step *step)
{
	do {
		uint64_t noise = random_next(state);

		step->op = random_operation(state);
		step->end = noise & 1;
		step->variant = noise >> 8;
		step->argument = noise >> 32;
		step->size = random_size(state, episode->small);
	} while (is_left_out(operations[step->op].name) || !operations[step->op].may(episode, step));
}

static void episode_begin(struct episode *episode, uint64_t seed)
{
	uint64_t noise = random_next(&seed);
	int kind, end;

	memset(episode, 0, sizeof(*episode));
	episode->seed = seed;
	episode->ipv6 = noise % 4 == 0;
	episode->small = noise / 4 % 5 == 0;
	episode->early = noise / 32 % 4 == 0;
	for (end = 0; end < ENDS; end++)
		episode->ends[end].lowat = 1;
	for (kind = 0; kind < KINDS; kind++)
		pair_open(episode, &config.ports, kind);
	if (episode->early) {
		difference_used(DIFFERENCE_HANDSHAKE);
		return;
	}
	for (kind = 0; kind < KINDS; kind++)
		pair_settle_handshake(&episode->pairs[kind]);
}

static void episode_end(struct episode *episode)
{
	int kind;

	for (kind = 0; kind < KINDS; kind++)
		pair_close(&episode->pairs[kind]);
}

static bool episode_over(const struct episode *episode)
{
	return episode->ends[CLIENT].closed && episode->ends[SERVER].closed;
}

struct result {
	struct outcome outcomes[KINDS];
	struct readiness readiness;
	bool same;
};

static void step_call(struct episode *episode, const struct step *step, int kind,
		      struct outcome *outcome)
{
	int before = signals_seen;

	memset(outcome, 0, sizeof(*outcome));
	errno = 0;
	operations[step->op].run(episode, step, kind, outcome);
	outcome->error = outcome->result < 0 ? errno : 0;
	outcome->signals += signals_seen - before;
	fault_outcome(kind, outcome);
}

/* Runs one step on both pairs. */
static void step_run(struct episode *episode, const struct step *step, struct result *result)
{
	int kind;

	at.operation = operations[step->op].name;
	at.call = step;
	at.step++;
	for (kind = 0; kind < KINDS; kind++) {
		at.kind = kind;
		step_call(episode, step, kind, &result->outcomes[kind]);
	}
	memset(&result->readiness, 0, sizeof(result->readiness));
	result->same = !memcmp(&result->outcomes[PLAIN], &result->outcomes[UPGRADED],
			       sizeof(struct outcome)) &&
		       !result->outcomes[PLAIN].spoilt;
	if (!result->same)
		return;
	if (operations[step->op].after)
		operations[step->op].after(episode, step, &result->outcomes[PLAIN]);
	result->same = settle(episode, &result->readiness);
}

static void step_print(const struct step *step, const struct result *result)
{
	printf("  %-6s %-12s variant %3u size %5u argument %10u", step->end ? "server" : "client",
	       operations[step->op].name, step->variant, step->size, step->argument);
	if (result)
		printf("  -> %ld%s%s", result->outcomes[PLAIN].result,
		       result->outcomes[PLAIN].error ? " " : "",
		       result->outcomes[PLAIN].error ?
		       strerrorname_np(result->outcomes[PLAIN].error) : "");
	putchar('\n');
}

static void outcome_print(const char *name, const struct outcome *outcome, const uint32_t *mask,
			  const struct pair *pair)
{
	printf("    %-8s result %ld %s signals %d spoilt %ld values %ld %ld %ld %ld poll %x %x edges %x %x\n",
	       name, outcome->result, outcome->error ? strerrorname_np(outcome->error) : "-",
	       outcome->signals, outcome->spoilt, outcome->values[0], outcome->values[1],
	       outcome->values[2], outcome->values[3], mask[CLIENT], mask[SERVER], pair->seen[CLIENT],
	       pair->seen[SERVER]);
}

static void mismatch_print(const struct episode *episode, const struct result *result)
{
	outcome_print("plain", &result->outcomes[PLAIN], result->readiness.mask[PLAIN],
		      &episode->pairs[PLAIN]);
	outcome_print("upgraded", &result->outcomes[UPGRADED], result->readiness.mask[UPGRADED],
		      &episode->pairs[UPGRADED]);
}

/* Runs a program again, without those of its steps that mean nothing now. Returns whether the pairs differ. */
static bool program_differs(const struct program *program, bool print)
{
	struct episode episode;
	struct result result;
	bool differs = false;
	int i;

	alarm(WATCHDOG_S);
	at.step = 0;
	episode_begin(&episode, program->seed);
	if (print)
		printf("  episode%s%s%s\n", episode.ipv6 ? " ipv6" : " ipv4",
		       episode.small ? " small-buffers" : "", episode.early ? " early" : "");
	for (i = 0; i < program->count && !differs; i++) {
		const struct step *step = &program->steps[i];

		if (!operations[step->op].may(&episode, step))
			continue;
		step_run(&episode, step, &result);
		differs = !result.same;
		if (print)
			step_print(step, &result);
	}
	if (print && differs)
		mismatch_print(&episode, &result);
	episode_end(&episode);
	return differs;
}

static void program_cut(const struct program *from, struct program *to, int first, int count)
{
	*to = *from;
	memmove(&to->steps[first], &to->steps[first + count],
		(to->count - first - count) * sizeof(struct step));
	to->count -= count;
}

/* Takes out pieces, ever smaller ones, as long as the rest still tells the pairs apart. */
static void program_shrink(struct program *program)
{
	static struct program shorter;
	int piece, first, tries = 0;

	for (piece = program->count / 2; piece; piece /= 2)
		for (first = program->count - piece; first >= 0 && tries < SHRINKS_MAX; first -= piece) {
			if (first + piece > program->count)
				continue;
			tries++;
			program_cut(program, &shorter, first, piece);
			if (program_differs(&shorter, false))
				*program = shorter;
		}
}

static void report(struct program *program, const struct episode *episode,
		   const struct result *result, uint64_t number)
{
	printf("MISMATCH: --seed %" PRIu64 " --episode %" PRIu64 ", step %d\n", config.seed, number,
	       program->count);
	step_print(&program->steps[program->count - 1], result);
	mismatch_print(episode, result);
	fflush(stdout);
	if (!config.shrink)
		return;
	program_shrink(program);
	puts("the shortest program that was found:");
	if (!program_differs(program, true))
		puts("  … does not differ each time");
	fflush(stdout);
}

/*
 * Steps that end what chance has not: nothing is held back any more, each byte
 * is read, then the end of the stream.  @slot counts them.
 */
static void finale(const struct episode *episode, int *slot, struct step *step)
{
	static const struct {
		const char *operation;
		uint8_t variant;
	} phases[] = { { "cork", 1 }, { "shutdown", SHUT_WR }, { "drain", 0 }, { "close", 0 } };
	unsigned int op;

	do {
		int phase = *slot / ENDS, end = *slot % ENDS;

		for (op = 0; strcmp(operations[op].name, phases[phase].operation); op++)
			;
		*step = (struct step){ .op = op, .end = end, .size = SEND_MAX,
				       .variant = phases[phase].variant };
		++*slot;
	} while (!operations[op].may(episode, step));
}

/* The first step of who does not wait for readiness waits in the call itself. */
static void early_step(uint64_t *state, struct step *step)
{
	unsigned int op = 0;

	while (strcmp(operations[op].name, random_next(state) % 3 ? "send" : "shutdown"))
		op = (op + 1) % operation_count;
	*step = (struct step){ .op = op, .end = random_next(state) & 1,
			       .size = 1 + random_next(state) % INFLIGHT_SMALL, .variant = 1 };
}

/* Returns how many steps it took; 0 if the pairs differed. */
static int episode_run(uint64_t number)
{
	uint64_t state = config.seed * 1000003 + number;
	static struct program program;
	struct episode episode;
	struct result result;
	int planned, slot = 0;

	alarm(WATCHDOG_S);
	program.count = 0;
	program.seed = state;
	at.episode = number;
	at.step = 0;
	episode_begin(&episode, program.seed);
	random_next(&state);
	planned = 20 + random_next(&state) % (STEPS_MAX - 40);
	while (!episode_over(&episode)) {
		struct step *step = &program.steps[program.count++];

		if (episode.early && program.count == 1)
			early_step(&state, step);
		else if (program.count < planned)
			step_choose(&episode, &state, step);
		else
			finale(&episode, &slot, step);
		step_run(&episode, step, &result);
		if (!result.same)
			break;
	}
	episode_end(&episode);
	if (!result.same)
		report(&program, &episode, &result, number);
	return result.same ? program.count : 0;
}

static int usage(void)
{
	fputs("property [--seed N] [--steps N] [--episode N] [--keep-going] [--no-shrink] [--fault NAME]\n"
	      "         [--without OPERATION,...] PLAIN_PORT UPGRADED_PORT\n"
	      "property --differences | --faults\n", stderr);
	return 2;
}

static int run(void)
{
	uint64_t begin = now_ms(), steps = 0, number = config.episode;
	int taken, mismatches = 0;

	do {
		taken = episode_run(number++);
		steps += taken;
		mismatches += !taken;
	} while ((taken || config.keep_going) && !config.one_episode && steps < config.steps);
	difference_list(true);
	printf("seed %" PRIu64 ": %" PRIu64 " steps in %" PRIu64 " episodes and %" PRIu64
	       " s, %d mismatches\n", config.seed, steps, number - config.episode,
	       (now_ms() - begin) / 1000, mismatches);
	return mismatches ? 1 : 0;
}

static int listed(void (*list)(void))
{
	list();
	return 0;
}

static void differences(void)
{
	difference_list(false);
}

static void prepare(void)
{
	struct sigaction on_broken = { .sa_handler = on_pipe, .sa_flags = SA_RESTART };
	struct sigaction on_blocked = { .sa_handler = on_alarm };

	sigaction(SIGPIPE, &on_broken, NULL);
	sigaction(SIGALRM, &on_blocked, NULL);
	stream_init();
	pair_listen(&config.ports);
	setvbuf(stdout, NULL, _IOLBF, 0);
}

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "seed", required_argument, NULL, 's' }, { "steps", required_argument, NULL, 'n' },
		{ "episode", required_argument, NULL, 'e' }, { "keep-going", no_argument, NULL, 'k' },
		{ "no-shrink", no_argument, NULL, 'S' }, { "fault", required_argument, NULL, 'f' },
		{ "without", required_argument, NULL, 'w' },
		{ "differences", no_argument, NULL, 'd' }, { "faults", no_argument, NULL, 'F' }, { 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) >= 0)
		switch (option) {
		case 's': config.seed = strtoull(optarg, NULL, 0); break;
		case 'n': config.steps = strtoull(optarg, NULL, 0); break;
		case 'e': config.episode = strtoull(optarg, NULL, 0); config.one_episode = true; break;
		case 'k': config.keep_going = true; break;
		case 'S': config.shrink = false; break;
		case 'f': if (!fault_choose(optarg)) return usage(); break;
		case 'w': config.without = optarg; break;
		case 'd': return listed(differences);
		case 'F': return listed(fault_list);
		default: return usage();
		}
	if (argc - optind != 2)
		return usage();
	config.ports.port[PLAIN] = atoi(argv[optind]);
	config.ports.port[UPGRADED] = atoi(argv[optind + 1]);
	prepare();
	return run();
}

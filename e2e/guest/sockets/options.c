// SPDX-License-Identifier: Apache-2.0
/* getsockopt, setsockopt, getpeername, ioctl. */
#define GROUP "options"
#define _GNU_SOURCE
#include "harness.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

PAIR_CASE(names_of_both_ends)
{
	struct sockaddr_in local, remote;
	socklen_t length = sizeof(local);

	check_is(getsockname(a, (struct sockaddr *)&local, &length), 0);
	length = sizeof(remote);
	check_is(getpeername(b, (struct sockaddr *)&remote, &length), 0);
	check_is(length, sizeof(remote));
	check_same(&local, &remote, sizeof(local));
}

PAIR_CASE(peer_name_after_the_end)
{
	struct sockaddr_in remote;
	socklen_t length = sizeof(remote);

	close(a);
	check_is(drain(b), 0);
	check_is(getpeername(b, (struct sockaddr *)&remote, &length), 0);
	check_is(remote.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
}

PAIR_CASE(what_it_is)
{
	struct stat status;

	check_is(get_option(a, SOL_SOCKET, SO_DOMAIN), AF_INET);
	check_is(get_option(a, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
	check_is(get_option(a, SOL_SOCKET, SO_PROTOCOL), IPPROTO_TCP);
	check_is(get_option(a, SOL_SOCKET, SO_ACCEPTCONN), 0);
	check_is(get_option(a, SOL_SOCKET, SO_ERROR), 0);
	check_is(fstat(a, &status), 0);
	check(S_ISSOCK(status.st_mode));
}

/* Set on one end, read back, and the connection goes on. */
PAIR_CASE(values_stick)
{
	static const struct {
		int level, name, value;
	} options[] = {
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ SOL_SOCKET, SO_RCVLOWAT, 1 },
		{ SOL_SOCKET, SO_PRIORITY, 3 },
		{ SOL_SOCKET, SO_OOBINLINE, 1 },
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 77 },
		{ IPPROTO_TCP, TCP_KEEPINTVL, 7 },
		{ IPPROTO_TCP, TCP_KEEPCNT, 3 },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, 30000 },
		{ IPPROTO_TCP, TCP_LINGER2, 9 },
		{ IPPROTO_TCP, TCP_QUICKACK, 1 },
		{ IPPROTO_TCP, TCP_NOTSENT_LOWAT, 65536 },
		{ IPPROTO_IP, IP_TOS, 0x10 },
		{ IPPROTO_IP, IP_TTL, 33 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		set_option(a, options[i].level, options[i].name, options[i].value);
		check_is(get_option(a, options[i].level, options[i].name), options[i].value);
	}
	pair_settle(a, b);
}

PAIR_CASE(buffer_sizes)
{
	set_option(a, SOL_SOCKET, SO_SNDBUF, 50000);
	check_is(get_option(a, SOL_SOCKET, SO_SNDBUF), 100000);
	set_option(b, SOL_SOCKET, SO_RCVBUF, 50000);
	check_is(get_option(b, SOL_SOCKET, SO_RCVBUF), 100000);
	pair_settle(a, b);
}

PAIR_CASE(linger_reads_back)
{
	struct linger value = { .l_onoff = 1, .l_linger = 7 }, got = {};
	socklen_t length = sizeof(got);

	check_is(setsockopt(a, SOL_SOCKET, SO_LINGER, &value, sizeof(value)), 0);
	check_is(getsockopt(a, SOL_SOCKET, SO_LINGER, &got, &length), 0);
	check_is(got.l_onoff, 1);
	check_is(got.l_linger, 7);
}

PAIR_CASE(congestion_control)
{
	char name[16] = "";
	socklen_t length = sizeof(name);

	check_is(setsockopt(a, IPPROTO_TCP, TCP_CONGESTION, "reno", 4), 0);
	check_is(getsockopt(a, IPPROTO_TCP, TCP_CONGESTION, name, &length), 0);
	check_same(name, "reno", 5);
	pair_settle(a, b);
}

PAIR_CASE(tcp_info)
{
	struct tcp_info info = {};
	socklen_t length = sizeof(info);
	char bytes[1000] = "";

	send_all(a, bytes, sizeof(bytes));
	recv_all(b, bytes, sizeof(bytes));
	check_is(getsockopt(b, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
	check_is(info.tcpi_state, 1);
	/* In the bytes of the wire: at least as many as of plaintext. */
	check(info.tcpi_bytes_received >= sizeof(bytes));
	check(info.tcpi_rcv_mss > 0);
	close(a);
	check_is(drain(b), 0);
	check_is(getsockopt(b, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
	check_is(info.tcpi_state, 8);
}

/* Nothing tells that there is another layer. */
PAIR_CASE(no_upper_layer_shows)
{
	char name[16] = "";
	socklen_t length = sizeof(name);

	check_is(getsockopt(a, IPPROTO_TCP, TCP_ULP, name, &length), 0);
	check_is(length, 0);
}

PAIR_CASE(unknown_options)
{
	int value = 1;
	socklen_t length = sizeof(value);

	check_fails(setsockopt(a, SOL_SOCKET, 9999, &value, sizeof(value)), ENOPROTOOPT);
	check_fails(getsockopt(a, SOL_SOCKET, 9999, &value, &length), ENOPROTOOPT);
	check_fails(setsockopt(a, IPPROTO_TCP, 9999, &value, sizeof(value)), ENOPROTOOPT);
	check_fails(getsockopt(a, IPPROTO_TCP, 9999, &value, &length), ENOPROTOOPT);
	check_fails(getsockopt(a, 4242, 1, &value, &length), EOPNOTSUPP);
	check_fails(setsockopt(a, SOL_SOCKET, SO_KEEPALIVE, &value, 1), EINVAL);
	check_fails(setsockopt(a, SOL_SOCKET, SO_KEEPALIVE, (void *)8, sizeof(value)), EFAULT);
}

PAIR_CASE(unknown_ioctl)
{
	int value = 0;

	check_fails(ioctl(a, 0x5499, &value), ENOTTY);
	check_fails(ioctl(a, FIONREAD, (void *)8), EFAULT);
}

PAIR_CASE(at_mark)
{
	int mark = -1;

	check_is(ioctl(b, SIOCATMARK, &mark), 0);
	check_is(mark, 0);
}

/* Set before connect() and on the listener: the connection inherits them, whatever becomes of it. */
CASE(inherited_from_the_listener)
{
	int listener = listen_on(test_port());

	set_option(listener, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(listener, IPPROTO_TCP, TCP_NODELAY, 1);
	a = connect_to(test_port());
	b = accept_from(listener);
	check_is(get_option(b, SOL_SOCKET, SO_KEEPALIVE), 1);
	check_is(get_option(b, IPPROTO_TCP, TCP_NODELAY), 1);
	pair_settle(a, b);
}

CASE(set_before_connect)
{
	int listener = listen_on(test_port());
	struct linger linger = { .l_onoff = 1, .l_linger = 3 }, got;
	socklen_t length = sizeof(got);

	a = tcp_socket(AF_INET);
	set_option(a, SOL_SOCKET, SO_RCVBUF, 8192);
	set_option(a, SOL_SOCKET, SO_SNDBUF, 8192);
	set_option(a, IPPROTO_TCP, TCP_NODELAY, 1);
	check_is(setsockopt(a, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
	check_is(connect_with(a, AF_INET, test_port()), 0);
	b = accept_from(listener);
	pair_settle(a, b);
	check_is(get_option(a, SOL_SOCKET, SO_RCVBUF), 16384);
	check_is(get_option(a, SOL_SOCKET, SO_SNDBUF), 16384);
	check_is(getsockopt(a, SOL_SOCKET, SO_LINGER, &got, &length), 0);
	check_is(got.l_linger, 3);
}

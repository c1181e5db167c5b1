// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import io.hauberk.proxy.HeaderMap.Header;
import java.util.List;

/** A response that a filter gives in the server's place. */
record LocalResponse(int status, byte[] body, List<Header> headers) {}

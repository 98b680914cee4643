/**
 * How an admin on the same host looks at a running agent and tells it what to do.
 *
 * <p>Start with {@link dev.countersign.agent.admin.AdminPages}: pages to read, over HTTP on loopback
 * ({@code /config}, {@code /certs}, {@code /connections}, {@code /policies}, {@code /stats}). Whatever
 * changes something, and the live view of traffic, is behind {@link
 * dev.countersign.agent.admin.ControlSocket}: a unix socket that speaks enough HTTP/1.1 for {@code
 * curl --unix-socket}:
 *
 * <pre>{@code
 * POST /log-level?level=debug
 * POST /drain                     not ready, nothing new; the process stays
 * POST /quit                      drain, then end with exit code 0
 * GET  /tap?peer=…&path=…&decision=…&port=…&direction=…   JSON lines until the reader goes
 * }</pre>
 *
 * <p>Invariants: loopback HTTP is read-only; who may do what on the socket is decided by what the
 * kernel says of the caller, never by what the caller says; every change is logged with its user.
 */
@NullMarked
package dev.countersign.agent.admin;

import org.jspecify.annotations.NullMarked;

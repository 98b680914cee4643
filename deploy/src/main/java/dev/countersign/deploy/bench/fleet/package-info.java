/**
 * A fleet on one server: thousands of light agents for {@code deploy/bench/fleet}, each with a
 * certificate, a connection and a stream of its own, believing what comes by signature as real agents
 * do. Left out are compiled policies, the proxy, and a thread for each.
 *
 * <p>Start with {@link dev.countersign.deploy.bench.fleet.FleetBench}, the order of what is measured;
 * {@code LightAgent} is one agent, {@code Credentials} what it asks for certificates with.
 */
@NullMarked
package dev.countersign.deploy.bench.fleet;

import org.jspecify.annotations.NullMarked;

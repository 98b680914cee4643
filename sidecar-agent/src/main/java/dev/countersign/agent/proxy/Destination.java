package dev.countersign.agent.proxy;

import java.util.List;

/** Where a connection to one address may go now; asked again for each request and stream. */
@FunctionalInterface
interface Destination {
    /** At least one. */
    List<Endpoint> endpoints() throws Misdirected;
}

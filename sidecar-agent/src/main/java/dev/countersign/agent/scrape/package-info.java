/**
 * The application's own metrics, on the agent's page: under STRICT nobody without a certificate may
 * ask the application's port, and Prometheus has none. Start with {@link
 * dev.countersign.agent.scrape.MergedMetrics}, which asks {@link
 * dev.countersign.agent.scrape.ApplicationMetrics} over loopback and puts what it answers behind ours,
 * once {@link dev.countersign.agent.scrape.Exposition} has found it to be a page that Prometheus reads.
 *
 * <p>Invariants: whatever the application does, our own page is whole and comes in time; the
 * application says nothing under our names; its lines go on as they are, labels included; it is asked
 * by loopback alone, and only where a port is configured.
 */
@NullMarked
package dev.countersign.agent.scrape;

import org.jspecify.annotations.NullMarked;

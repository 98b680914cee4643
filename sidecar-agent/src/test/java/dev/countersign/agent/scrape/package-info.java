/** Tests of metrics that are merged. */
@NullMarked
package dev.countersign.agent.scrape;

import org.jspecify.annotations.NullMarked;

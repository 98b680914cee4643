/**
 * Tells the API server which roots to believe when it calls our webhooks.
 *
 * <p>The chart makes the configurations without a {@code caBundle}; {@link
 * dev.countersign.server.kubernetes.webhooks.WebhookConfigurations} fills it in and follows the bundle.
 * It patches that one field of each webhook by its name, and only where it differs. Not by server-side
 * apply: before 1.31 the API server takes lists of webhooks as a whole there, and would forget everything
 * else of them. The object's resource version goes along, so that of two replicas one is told to look
 * again.
 */
@NullMarked
package dev.countersign.server.kubernetes.webhooks;

import org.jspecify.annotations.NullMarked;

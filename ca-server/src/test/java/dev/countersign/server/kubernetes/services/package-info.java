/** Tests against a real API server. */
@NullMarked
package dev.countersign.server.kubernetes.services;

import org.jspecify.annotations.NullMarked;

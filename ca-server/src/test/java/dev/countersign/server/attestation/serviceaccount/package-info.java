@NullMarked
package dev.countersign.server.attestation.serviceaccount;

import org.jspecify.annotations.NullMarked;

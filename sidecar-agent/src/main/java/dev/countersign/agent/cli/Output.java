package dev.countersign.agent.cli;

/** How a command's answer looks. */
enum Output {
    TEXT,
    JSON
}

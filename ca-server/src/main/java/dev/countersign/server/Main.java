package dev.countersign.server;

import dev.countersign.runtime.CommandLineRunner;
import dev.countersign.server.cli.CountersignCommand;
import dev.countersign.server.cli.agent.AgentCommand;
import dev.countersign.server.cli.backup.BackupCommand;
import dev.countersign.server.cli.backup.RestoreCommand;
import dev.countersign.server.cli.cert.CertCommand;
import dev.countersign.server.cli.config.ConfigCheckCommand;
import dev.countersign.server.cli.config.ConfigCommand;
import dev.countersign.server.cli.federation.FederationCommand;
import dev.countersign.server.cli.inject.InjectCommand;
import dev.countersign.server.cli.keys.KeysCommand;
import dev.countersign.server.cli.keys.KeysPassphraseCommand;
import dev.countersign.server.cli.log.LogCommand;
import dev.countersign.server.cli.operator.OperatorCommand;
import dev.countersign.server.cli.policy.PolicyCommand;
import dev.countersign.server.cli.root.RootCommand;
import dev.countersign.server.cli.root.RootCsrCommand;
import dev.countersign.server.cli.root.RootImportCommand;
import dev.countersign.server.cli.root.RootInitCommand;
import dev.countersign.server.cli.server.ServerCommand;
import dev.countersign.server.cli.server.ServerRunCommand;
import dev.countersign.server.cli.server.ServerStatusCommand;
import dev.countersign.server.cli.token.TokenCommand;
import java.security.SecureRandom;
import java.time.InstantSource;
import picocli.CommandLine;

/** The entry of {@code deploy/bin/countersign}: server and admin commands. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        if (arguments.length == 1 && arguments[0].equals("aot-train")) {
            System.exit(AotTraining.run());
        }
        System.exit(CommandLineRunner.run(commands().getCommandSpec(), arguments));
    }

    static CommandLine commands() {
        CommandLine root = new CommandLine(new CountersignCommand());
        root.addSubcommand(
                new CommandLine(new ServerCommand())
                        .addSubcommand(new ServerRunCommand(CaServer::run))
                        .addSubcommand(new ServerStatusCommand()));
        root.addSubcommand(new CertCommand());
        root.addSubcommand(new PolicyCommand());
        root.addSubcommand(new LogCommand());
        root.addSubcommand(new InjectCommand(CaServer::injection, CaServer.VERSION));
        root.addSubcommand(new TokenCommand());
        root.addSubcommand(new AgentCommand());
        root.addSubcommand(new OperatorCommand());
        root.addSubcommand(new FederationCommand());
        RootCommands ceremonies = new RootCommands(InstantSource.system(), new SecureRandom());
        root.addSubcommand(
                new CommandLine(new RootCommand())
                        .addSubcommand(new RootInitCommand(ceremonies))
                        .addSubcommand(new RootCsrCommand(ceremonies))
                        .addSubcommand(new RootImportCommand(ceremonies)));
        root.addSubcommand(
                new CommandLine(new KeysCommand())
                        .addSubcommand(new KeysPassphraseCommand(KeyCommands::passphrase)));
        BackupCommands backups = new BackupCommands(InstantSource.system(), new SecureRandom());
        root.addSubcommand(new BackupCommand(backups::backup));
        root.addSubcommand(
                new RestoreCommand((config, from, seen, because) ->
                        backups.restore(config, from, new BackupCommands.Decision(seen, because))));
        root.addSubcommand(
                new CommandLine(new ConfigCommand())
                        .addSubcommand(new ConfigCheckCommand(CaServer::check)));
        withHelp(root);
        return root;
    }

    /** {@code --help} everywhere, said once. */
    private static void withHelp(CommandLine line) {
        if (!line.getCommandSpec().mixinStandardHelpOptions()) {
            line.getCommandSpec().mixinStandardHelpOptions(true);
        }
        line.getSubcommands().values().forEach(Main::withHelp);
    }
}

package io.narwhal.cli;

import io.narwhal.config.CollectorConfig;
import io.narwhal.config.FilesConfig;
import io.narwhal.config.NodeConfig;
import io.narwhal.config.Problem;
import io.narwhal.lines.LineDecoder;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the values that the mappings of files have of their own, as they will be for each line. */
record LinesValidation() implements Validation {
    @Override
    public List<Problem> problems(NodeConfig config) {
        List<Problem> problems = new ArrayList<>();
        for (CollectorConfig collector : config.collectors()) {
            FilesConfig files = collector.files();
            if (files == null) {
                continue;
            }
            for (FilesConfig.Constant constant : files.constants()) {
                Optional<String> wrong = LineDecoder.problem(files.mapping(), constant.target());
                wrong.ifPresent(
                        why ->
                                problems.add(
                                        new Problem(
                                                config.source().file().toString(),
                                                constant.line(),
                                                constant.column(),
                                                why)));
            }
        }
        return problems;
    }
}

"""Members of JSON-RPC 2.0 messages and of the Model Context Protocol, which is JSON-RPC."""

from stend.wire.content.words import Word, Words, said

_ERROR: Words = {
    "code": Word(
        said(
            "JSON-RPC 2.0 §5.1",
            "Код ошибки, целое число. От −32768 до −32000 — сам протокол (−32601: метода нет), "
            "остальные — приложение.",
            "The error's code, an integer. -32768 to -32000 are the protocol's own (-32601: no "
            "such "
            "method), all others the application's.",
        )
    ),
    "message": Word(
        said(
            "JSON-RPC 2.0 §5.1",
            "Короткое описание ошибки для человека; программе нужен code.",
            "The error in one sentence for people; programs go by code.",
        )
    ),
    "data": Word(
        said(
            "JSON-RPC 2.0 §5.1",
            "Подробности ошибки; их строение определяет сервер.",
            "More about the error; the server decides what it looks like.",
        )
    ),
}

JSON_RPC: Words = {
    "jsonrpc": Word(
        said(
            "JSON-RPC 2.0 §4",
            "Версия протокола, всегда «2.0»; без неё это сообщение версии 1.0.",
            'The protocol\'s version, always "2.0"; without it the message is one of 1.0.',
        )
    ),
    "method": Word(
        said(
            "JSON-RPC 2.0 §4",
            "Имя вызываемого метода. Адрес HTTP у всех один, поэтому операцию видно только здесь.",
            "The method that is called. All share one HTTP address, so the operation shows only "
            "here.",
        )
    ),
    "params": Word(
        said(
            "JSON-RPC 2.0 §4.2",
            "Параметры вызова: объект — по именам, массив — по порядку.",
            "Parameters of the call: an object gives them by name, an array by position.",
        )
    ),
    "id": Word(
        said(
            "JSON-RPC 2.0 §4",
            "Связывает ответ с запросом: сервер вернёт тот же id. Без id это уведомление, на него "
            "не отвечают.",
            "Ties the answer to the request: the server returns the same id. Without one it is a "
            "notification, which nobody answers.",
        )
    ),
    "result": Word(
        said(
            "JSON-RPC 2.0 §5",
            "Результат вызова; бывает только в удачном ответе, вместе с error его быть не может.",
            "What the method returned; present in a success only, never together with error.",
        )
    ),
    "error": Word(
        said(
            "JSON-RPC 2.0 §5.1",
            "Вызов не удался. HTTP при этом может сказать 200: ошибка живёт на уровне протокола.",
            "The call failed. HTTP may say 200 all the same: the error lives inside the protocol.",
        ),
        _ERROR,
    ),
}

_INFO: Words = {
    "name": Word(
        said("MCP §Lifecycle", "Имя программы.", "The name of the program."),
    ),
    "version": Word(
        said("MCP §Lifecycle", "Версия программы.", "The version of the program."),
    ),
}
_SESSION: Words = {
    "protocolVersion": Word(
        said(
            "MCP §Lifecycle, Version Negotiation",
            "Версия MCP, дата выпуска: клиент предлагает, сервер соглашается или называет свою.",
            "The version of MCP, a date: the client proposes, the server agrees or names its own.",
        )
    ),
    "capabilities": Word(
        said(
            "MCP §Lifecycle, Capability Negotiation",
            "Что сторона умеет: о чём здесь не сказано, тем пользоваться нельзя.",
            "What this side can do: what is not told here must not be used.",
        )
    ),
    "clientInfo": Word(
        said("MCP §Lifecycle", "Какая программа подключилась.", "Which program has connected."),
        _INFO,
    ),
    "serverInfo": Word(
        said("MCP §Lifecycle", "Какая программа отвечает.", "Which program answers."), _INFO
    ),
    "instructions": Word(
        said(
            "MCP §Lifecycle",
            "Подсказка модели, как пользоваться сервером.",
            "A hint for the model on how to use the server.",
        )
    ),
}
_TOOL: Words = {
    "name": Word(
        said(
            "MCP §Tools",
            "Имя инструмента, по нему его вызывают.",
            "The tool's name, by which it is called.",
        )
    ),
    "description": Word(
        said(
            "MCP §Tools",
            "Что делает инструмент: по этому тексту модель решает, вызвать ли его.",
            "What the tool does: by this text a model decides whether to call it.",
        )
    ),
    "inputSchema": Word(
        said(
            "MCP §Tools",
            "JSON Schema аргументов инструмента.",
            "The JSON Schema of the tool's arguments.",
        )
    ),
    "outputSchema": Word(
        said(
            "MCP §Tools",
            "JSON Schema того, что вернётся в structuredContent.",
            "The JSON Schema of what comes back in structuredContent.",
        )
    ),
}
_CONTENT: Words = {
    "type": Word(
        said(
            "MCP §Tools, Tool Result",
            "Вид содержимого: text, image, audio, resource.",
            "The kind of content: text, image, audio, resource.",
        )
    ),
    "text": Word(
        said(
            "MCP §Tools, Text Content",
            "Текст для модели, часто сам JSON в виде строки.",
            "Text for the model, often JSON as a string.",
        )
    ),
}

MCP: Words = {
    **JSON_RPC,
    "params": Word(
        JSON_RPC["params"].meaning,
        {
            **_SESSION,
            "name": Word(
                said(
                    "MCP §Tools, Calling Tools",
                    "Какой инструмент (или подсказку) вызвать.",
                    "Which tool (or prompt) to call.",
                )
            ),
            "arguments": Word(
                said(
                    "MCP §Tools, Calling Tools",
                    "Аргументы инструмента по его inputSchema.",
                    "Arguments of the tool, by its inputSchema.",
                )
            ),
        },
    ),
    "result": Word(
        JSON_RPC["result"].meaning,
        {
            **_SESSION,
            "tools": Word(
                said(
                    "MCP §Tools, Listing Tools",
                    "Инструменты, которые сервер предлагает.",
                    "The tools that the server offers.",
                ),
                _TOOL,
            ),
            "content": Word(
                said(
                    "MCP §Tools, Tool Result",
                    "Ответ инструмента в виде, который читает модель.",
                    "The tool's answer in the form that a model reads.",
                ),
                _CONTENT,
            ),
            "structuredContent": Word(
                said(
                    "MCP §Tools, Structured Content",
                    "Тот же ответ как данные, по outputSchema.",
                    "The same answer as data, by outputSchema.",
                )
            ),
            "isError": Word(
                said(
                    "MCP §Tools, Error Handling",
                    "true: инструмент не справился. Это не ошибка JSON-RPC, чтобы модель её "
                    "прочла.",
                    "true: the tool failed. It is no error of JSON-RPC, so that the model reads "
                    "it.",
                )
            ),
        },
    ),
}

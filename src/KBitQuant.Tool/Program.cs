using KBitQuant.Tool;

return await ToolProgram.RunAsync(args);

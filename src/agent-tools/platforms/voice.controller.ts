import { Controller, Delete, Get, HttpCode, Patch, Post, Put } from '@nestjs/common';
import { ApiBody, ApiExcludeEndpoint, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Author } from '../../booking/author.js';
import { CurrentAuthor } from '../../booking/current-author.decorator.js';
import { TakesAnyBody } from '../../platform/http/json-body.js';
import { TakesBodyOf } from '../../platform/http/route-options.js';
import { ByConnection } from '../connections/by-connection.decorator.js';
import { ConnectionRequest } from '../connections/connection-request.decorator.js';
import type { AuthenticRequest } from '../connections/connection.guard.js';
import { PLATFORM_NAMES } from './platforms.js';
import { VoiceEvents } from './voice-events.js';

/** With or without a tool or webhook behind the connection, and with arguments behind that. */
const PATHS = ['', ':action', ':action/*'];

/** Reports at the end of a call have all that was said in them. */
const REPORT = { bytes: 1024 * 1024 };

/** As Vapi calls a tool, and is answered. */
const TOOL_CALL = {
  message: {
    type: 'tool-calls',
    call: { id: '019a1c1e-7d5f-7aa0-b1c2-5b3f9d2c7e10', customer: { number: '+14155550123' } },
    toolCallList: [
      {
        id: 'call_1',
        type: 'function',
        function: { name: 'check_availability', arguments: { date: 'tomorrow' } },
      },
    ],
  },
};
const ANSWER = {
  description: 'As the platform wants it.',
  schema: {
    type: 'object',
    example: {
      results: [
        {
          name: 'check_availability',
          toolCallId: 'call_1',
          result: '{"ok":true,"say":"On Wednesday, January 20 I have 2 PM, 3 PM and 4 PM."}',
        },
      ],
    },
  },
};

/** The addresses that are pasted into voice platforms. */
@ApiTags('Voice platforms')
@ApiParam({ name: 'platform', enum: PLATFORM_NAMES, example: 'vapi' })
@ApiParam({
  name: 'connectionId',
  schema: { type: 'string', format: 'uuid' },
  description: 'Of the connection.',
})
@ByConnection()
@Controller('api/voice/:platform/:connectionId')
export class VoiceController {
  constructor(private readonly events: VoiceEvents) {}

  @Post(PATHS)
  @TakesAnyBody()
  @TakesBodyOf(REPORT)
  @HttpCode(200)
  @ApiOperation({
    summary: 'Hear from a voice platform',
    description:
      'Tool calls and webhooks, in the shape of each platform, authenticated as that platform does it: by a secret in a header or ' +
      'by a signature over the body. Answers as the platform wants it; whatever comes of a tool is 200 with a sentence. What ' +
      'does not come from the connection is 401, and is told no more.',
  })
  @ApiBody({
    required: false,
    description: 'As the platform sends it.',
    schema: { type: 'object', example: TOOL_CALL },
  })
  @ApiOkResponse(ANSWER)
  post(@ConnectionRequest() request: AuthenticRequest, @CurrentAuthor() author: Author): Promise<object> {
    return this.events.answer(request, author);
  }

  @Get(PATHS)
  @TakesAnyBody()
  @ApiOperation({
    summary: 'Hear from a voice platform, without a body',
    description: 'As `POST`, for platforms that can be set up to send a tool’s arguments in the query.',
  })
  @ApiOkResponse(ANSWER)
  get(@ConnectionRequest() request: AuthenticRequest, @CurrentAuthor() author: Author): Promise<object> {
    return this.events.answer(request, author);
  }

  @Put(PATHS)
  @TakesAnyBody()
  @TakesBodyOf(REPORT)
  @ApiExcludeEndpoint()
  put(@ConnectionRequest() request: AuthenticRequest, @CurrentAuthor() author: Author): Promise<object> {
    return this.events.answer(request, author);
  }

  @Patch(PATHS)
  @TakesAnyBody()
  @TakesBodyOf(REPORT)
  @ApiExcludeEndpoint()
  patch(@ConnectionRequest() request: AuthenticRequest, @CurrentAuthor() author: Author): Promise<object> {
    return this.events.answer(request, author);
  }

  @Delete(PATHS)
  @TakesAnyBody()
  @ApiExcludeEndpoint()
  delete(@ConnectionRequest() request: AuthenticRequest, @CurrentAuthor() author: Author): Promise<object> {
    return this.events.answer(request, author);
  }
}
